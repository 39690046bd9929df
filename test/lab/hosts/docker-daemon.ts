import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { Client } from 'undici'
import { LongRunning } from '../processes/long-running.ts'
import { identityOf, isRunning } from '../processes/process-identity.ts'
import { outputOf, runProgram, type ProgramResult } from '../processes/run-program.ts'
import { waitUntil } from '../processes/wait-until.ts'
import type { DockerPrograms } from '../programs/debian-programs.ts'
import { controlGroup } from '../remains/lab-record.ts'
import type { HostNamespaces } from './host-namespaces.ts'

export interface DockerDaemonPlan {
  labId: string
  hostName: string
  /** Of its own: data, socket and log are in it. */
  directory: string
  namespaces: HostNamespaces
  programs: DockerPrograms
  /** Such as `--cluster-store`. */
  moreArguments: readonly string[]
}

/** An answer of the Engine API: its JSON, or its text where it is none. */
export interface EngineAnswer {
  status: number
  body: unknown
}

/** The dockerd of one host, and the two ways to talk to it: Docker's command line and the Engine API. */
export class DockerDaemon {
  readonly logFile: string
  /** Reachable from all of the machine, not only from inside of the host. */
  readonly socket: string
  readonly #plan: DockerDaemonPlan
  #process: LongRunning | undefined
  #client: Client | undefined

  constructor(plan: DockerDaemonPlan) {
    this.#plan = plan
    this.logFile = path.join(plan.directory, 'dockerd.log')
    this.socket = path.join(plan.directory, 'docker.sock')
    if (this.socket.length > 107) {
      throw new Error(
        `the path ${this.socket} is too long for a socket (107 bytes): set KURYR_LAB_CACHE to a shorter one`,
      )
    }
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const { directory, namespaces, programs, hostName } = this.#plan
    await mkdir(path.join(directory, 'cli'), { recursive: true })
    const { program, args, environment } = namespaces.enter([programs.dockerd, ...this.#arguments()])
    this.#process = await LongRunning.start({
      name: `dockerd of ${hostName}`,
      program,
      args,
      environment: { ...programs.environment, ...environment },
      logFile: this.logFile,
    })
    this.#client = new Client('http://docker', { socketPath: this.socket, bodyTimeout: 0, headersTimeout: 0 })
    await this.#process.ready(60_000, async () => (await this.api('GET', '/_ping')).status === 200)
  }

  /** Ends it as an operator does; its containers stop with it. Returns false if it had to be killed. */
  async stop(): Promise<boolean> {
    const cleanly = (await this.#process?.stop(30_000)) ?? true
    await this.#client?.destroy()
    return cleanly
  }

  /** Ends it, and its containerd, as a crash would; its containers go on. */
  async kill(): Promise<void> {
    const pidFile = path.join(this.#plan.directory, 'exec/containerd/containerd.pid')
    const containerd = identityOf(Number(await readFile(pidFile, 'utf8')))
    await this.#process?.kill()
    await this.#client?.destroy()
    if (containerd === undefined) return
    // The kernel kills containerd after its parent. Until it is reaped, the next dockerd takes it for one that it can use.
    await waitUntil('containerd did not end', 10_000, () => (isRunning(containerd) ? undefined : true))
    await rm(pidFile)
  }

  /** Runs Docker's command line against this host, whatever its status. */
  command(args: readonly string[]): Promise<ProgramResult> {
    return runProgram(this.#plan.programs.docker, args, { environment: this.#clientEnvironment() })
  }

  /** As {@link command}; returns what it printed. @throws ProgramFailed for any status but 0. */
  output(args: readonly string[]): Promise<string> {
    return outputOf(this.#plan.programs.docker, args, { environment: this.#clientEnvironment() })
  }

  /** Calls the Engine API, for example `api('GET', '/networks/kuryr')`. Every status is an answer. */
  async api(method: 'GET' | 'POST' | 'PUT' | 'DELETE', resource: string, body?: unknown): Promise<EngineAnswer> {
    if (this.#client === undefined) throw new Error(`dockerd of ${this.#plan.hostName} was not started`)
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await this.#client.request({ method, path: resource, ...content })
    return { status: answer.statusCode, body: parsed(await answer.body.text()) }
  }

  #arguments(): string[] {
    const { directory, labId, hostName, moreArguments } = this.#plan
    return [
      ...['--data-root', path.join(directory, 'docker'), '--exec-root', path.join(directory, 'exec')],
      ...['--pidfile', path.join(directory, 'docker.pid'), '--host', `unix://${this.socket}`],
      // The driver that needs no systemd, and a group of the lab's own, so that its containers can be found.
      ...['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', `/${controlGroup(labId)}/${hostName}`],
      // A shell as first process of a container ignores SIGTERM; waiting the usual 15 s for it teaches nothing.
      ...['--shutdown-timeout', '1'],
      ...moreArguments,
    ]
  }

  /** A user's own client settings must not change what the lab does. */
  #clientEnvironment(): Record<string, string> {
    return {
      DOCKER_HOST: `unix://${this.socket}`,
      DOCKER_CONFIG: path.join(this.#plan.directory, 'cli'),
      DOCKER_CONTEXT: '',
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
