import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetch } from 'undici'
import { consul18 } from '../lab/programs/debian-programs.ts'
import { consulConfiguration } from '../lab/stores/consul.ts'
import type { EtcdServerTls } from './etcd-process.ts'
import { ServerProcess, freePort } from './server-process.ts'

/** A Consul server on loopback with a data directory of its own, for the tests of one file. */
export class ConsulProcess {
  readonly port: number
  /** For HTTPS. */
  readonly securePort: number
  readonly #directory: string
  readonly #program: string
  readonly #ports: readonly number[]
  readonly #settings: object
  readonly #process = new ServerProcess('Consul')

  private constructor(place: { directory: string; program: string; ports: readonly number[]; settings: object }) {
    this.#directory = place.directory
    this.#program = place.program
    this.#ports = place.ports
    this.port = place.ports[0] ?? 0
    this.securePort = place.ports[1] ?? 0
    this.#settings = place.settings
  }

  /** Does not start it yet. @param settings added to its configuration. */
  static async create({ tls, settings = {} }: { tls?: EtcdServerTls; settings?: object } = {}): Promise<ConsulProcess> {
    const program = await consul18()
    const directory = await mkdtemp(join(tmpdir(), 'kuryr-consul-test-'))
    const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()])
    const secure = tls && {
      ca_file: tls.caFile,
      cert_file: tls.certFile,
      key_file: tls.keyFile,
      verify_incoming_https: true,
    }
    return new ConsulProcess({ directory, program, ports, settings: { ...settings, ...secure } })
  }

  get endpoint(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Starts it on the data that it has, and waits until it has a leader. */
  async start(): Promise<void> {
    const file = join(this.#directory, 'consul.json')
    await writeFile(file, JSON.stringify(this.#configuration()))
    await this.#process.start([this.#program, 'agent', '-config-file', file], () => this.#answers())
  }

  /** Ends it as a crash would, and waits for the end. */
  kill(): Promise<void> {
    return this.#process.kill()
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.signal(signal)
  }

  /** Forgets all data; only while it is down. */
  async wipe(): Promise<void> {
    await rm(join(this.#directory, 'data'), { recursive: true, force: true })
  }

  async destroy(): Promise<void> {
    this.signal('SIGCONT')
    await this.kill()
    await rm(this.#directory, { recursive: true, force: true })
  }

  #configuration(): object {
    const [http = 0, https = 0, server = 0, serf_lan = 0] = this.#ports
    const ports = { http, https, server, serf_lan }
    const place = { address: '127.0.0.1', directory: join(this.#directory, 'data'), ports }
    return { ...consulConfiguration(place), ...this.#settings }
  }

  /** Consul has a leader some time after it listens. */
  async #answers(): Promise<void> {
    const answer = await fetch(`http://${this.endpoint}/v1/status/leader`)
    const leader = await answer.text()
    if (!answer.ok || leader.length < 5) throw new Error(`expected a leader, got ${leader}`)
  }
}
