import type { ProgramResult } from '../processes/run-program.ts'
import type { DockerDaemon, EngineAnswer } from './docker-daemon.ts'
import type { HostNamespaces } from './host-namespaces.ts'
import type { KuryrDaemon } from './kuryr-daemon.ts'
import { plug, unplug } from './wire.ts'

export interface DockerHostParts {
  labId: string
  name: string
  address: string
  directory: string
  namespaces: HostNamespaces
  daemon: DockerDaemon
  kuryr: KuryrDaemon
}

/** One Docker host of a lab: a machine of its own as far as Docker and kuryr can tell. */
export class DockerHost {
  readonly name: string
  /** Its address on the wire. */
  readonly address: string
  readonly directory: string
  readonly daemon: DockerDaemon
  readonly kuryr: KuryrDaemon
  readonly #labId: string
  readonly namespaces: HostNamespaces

  constructor(parts: DockerHostParts) {
    this.#labId = parts.labId
    this.name = parts.name
    this.address = parts.address
    this.directory = parts.directory
    this.daemon = parts.daemon
    this.kuryr = parts.kuryr
    this.namespaces = parts.namespaces
  }

  /** What `docker -H` takes to reach this host from anywhere on the machine. */
  get dockerUrl(): string {
    return `unix://${this.daemon.socket}`
  }

  get stateDirectory(): string {
    return this.kuryr.stateDirectory
  }

  /** Runs Docker's command line against this host and returns what it printed. @throws ProgramFailed if it fails. */
  docker(...args: string[]): Promise<string> {
    return this.daemon.output(args)
  }

  /** As {@link docker}, for commands that may fail: every status is an answer. */
  tryDocker(...args: string[]): Promise<ProgramResult> {
    return this.daemon.command(args)
  }

  /** Calls the Engine API of this host; every status is an answer. */
  api(method: 'GET' | 'POST' | 'PUT' | 'DELETE', resource: string, body?: unknown): Promise<EngineAnswer> {
    return this.daemon.api(method, resource, body)
  }

  /** Runs a program on this host (in its namespaces) and returns what it printed. @throws ProgramFailed if it fails. */
  run(...command: [string, ...string[]]): Promise<string> {
    return this.namespaces.output(command)
  }

  /** As {@link run}, for commands that may fail. */
  tryRun(...command: [string, ...string[]]): Promise<ProgramResult> {
    return this.namespaces.run(command)
  }

  /** Calls the Neutron API that the kuryr of this host serves on its loopback, and returns the JSON of its answer. */
  async neutron(method: 'GET' | 'POST' | 'PUT' | 'DELETE', resource: string, body?: unknown): Promise<unknown> {
    const url = `http://127.0.0.1:9696${resource}`
    const content =
      body === undefined ? [] : ['--header', 'Content-Type: application/json', '--data', JSON.stringify(body)]
    const answer = await this.run(
      'curl',
      '--silent',
      '--show-error',
      '--fail-with-body',
      '--request',
      method,
      ...content,
      url,
    )
    return answer === '' ? undefined : JSON.parse(answer)
  }

  /** Runs a command of kuryr on this host with its kuryr.conf and returns what it printed. @throws ProgramFailed if it fails. */
  kuryrCommand(...args: string[]): Promise<string> {
    return this.namespaces.output(this.kuryr.commandLine(args))
  }

  /** As {@link kuryrCommand}, for commands that may fail. */
  tryKuryrCommand(...args: string[]): Promise<ProgramResult> {
    return this.namespaces.run(this.kuryr.commandLine(args))
  }

  /** Pulls its cable: what it sends is lost and nothing comes, while its processes run on. */
  unplugWire(): Promise<void> {
    return unplug(this.#labId, this.name)
  }

  plugWire(): Promise<void> {
    return plug(this.#labId, this.name)
  }

  /** Restarts dockerd as an operator does. */
  async restartDocker(): Promise<void> {
    await this.daemon.stop()
    await this.daemon.start()
  }

  /** The file `file` of this host, as this process can open it. */
  outside(file: string): string {
    return this.namespaces.outside(file)
  }
}
