import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { Client } from 'undici'
import { LongRunning } from '../processes/long-running.ts'
import { identityOf, isRunning } from '../processes/process-identity.ts'
import { outputOf, runProgram, type ProgramResult } from '../processes/run-program.ts'
import { waitUntil } from '../processes/wait-until.ts'
import { dockerPrograms, type DockerPrograms, type DockerVersion } from '../programs/docker-programs.ts'
import { controlGroup } from '../remains/lab-record.ts'
import type { HostNamespaces } from './host-namespaces.ts'

export interface DockerDaemonPlan {
  labId: string
  hostName: string
  /** Of its own: data, socket and log are in it. */
  directory: string
  namespaces: HostNamespaces
  programs: DockerPrograms
  /** `--cluster-store` and the like, or nothing; an engine that has no such options is not given them. */
  clusterStoreArguments: readonly string[]
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
  #programs: DockerPrograms
  #process: LongRunning | undefined
  #client: Client | undefined

  constructor(plan: DockerDaemonPlan) {
    this.#plan = plan
    this.#programs = plan.programs
    this.logFile = path.join(plan.directory, 'dockerd.log')
    this.socket = path.join(plan.directory, 'docker.sock')
    if (this.socket.length > 107) {
      throw new Error(
        `the path ${this.socket} is too long for a socket (107 bytes): set KURYR_LAB_CACHE to a shorter one`,
      )
    }
  }

  get running(): boolean {
    return this.#process?.running ?? false
  }

  /** Starts it, with these arguments added this time (such as `--live-restore`), and waits until it answers. */
  async start(...moreArguments: string[]): Promise<void> {
    const { directory, namespaces, hostName } = this.#plan
    const { dockerd, environment: search } = this.#programs
    await mkdir(path.join(directory, 'cli'), { recursive: true })
    const { program, args, environment } = namespaces.enter([dockerd, ...this.#arguments(), ...moreArguments])
    this.#process = await LongRunning.start({
      name: `dockerd of ${hostName}`,
      program,
      args,
      environment: { ...search, ...environment },
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

  /** Goes on as another engine on the same data, as an upgrade of the packages does: it is stopped first if it runs. */
  async upgradeTo(version: DockerVersion): Promise<void> {
    await this.stop()
    this.#programs = await dockerPrograms(version)
    await this.start()
  }

  /** Forgets images, containers, networks and volumes, as with a new disk; only while it is down. */
  async wipeData(): Promise<void> {
    if (this.running) throw new Error(`dockerd of ${this.#plan.hostName} runs: stop it before its data is wiped`)
    // dockerd mounts it onto itself; below that are the mounts of containers that went on after a crash.
    const script = 'umount --recursive --lazy "$1" 2>/dev/null; rm -rf "$1"'
    await this.#plan.namespaces.output(['sh', '-c', script, 'sh', this.#dataRoot()])
  }

  /** Runs Docker's command line against this host, whatever its status. */
  command(args: readonly string[]): Promise<ProgramResult> {
    return runProgram(this.#programs.docker, args, { environment: this.#clientEnvironment() })
  }

  /** As {@link command}; returns what it printed. @throws ProgramFailed for any status but 0. */
  output(args: readonly string[]): Promise<string> {
    return outputOf(this.#programs.docker, args, { environment: this.#clientEnvironment() })
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
    const { directory, labId, hostName, clusterStoreArguments } = this.#plan
    return [
      ...['--data-root', this.#dataRoot(), '--exec-root', path.join(directory, 'exec')],
      ...['--pidfile', path.join(directory, 'docker.pid'), '--host', `unix://${this.socket}`],
      // Where every program on a Docker host looks for it, as on any machine: the host's own /run.
      ...['--host', 'unix:///run/docker.sock'],
      // The driver that needs no systemd, and a group of the lab's own, so that its containers can be found.
      ...['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', `/${controlGroup(labId)}/${hostName}`],
      // A shell as first process of a container ignores SIGTERM; waiting the usual 15 s for it teaches nothing.
      ...['--shutdown-timeout', '1'],
      ...(this.#programs.hasClusterStore ? clusterStoreArguments : []),
    ]
  }

  #dataRoot(): string {
    return path.join(this.#plan.directory, 'docker')
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
