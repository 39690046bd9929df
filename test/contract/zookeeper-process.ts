import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { zookeeper38, type ZooKeeperPrograms } from '../lab/programs/zookeeper-programs.ts'
import { zookeeperConfiguration } from '../lab/stores/zookeeper.ts'
import type { EtcdServerTls } from './etcd-process.ts'
import { ServerProcess, freePort } from './server-process.ts'

/** A ZooKeeper on loopback with a data directory of its own, for the tests of one file. */
export class ZooKeeperProcess {
  readonly port: number
  readonly #securePort: number
  readonly #directory: string
  readonly #programs: ZooKeeperPrograms
  readonly #tls: EtcdServerTls | undefined
  readonly #process = new ServerProcess('ZooKeeper')

  private constructor(place: {
    directory: string
    ports: [number, number]
    programs: ZooKeeperPrograms
    tls: EtcdServerTls | undefined
  }) {
    this.#directory = place.directory
    ;[this.port, this.#securePort] = place.ports
    this.#programs = place.programs
    this.#tls = place.tls
  }

  /** Does not start it yet. */
  static async create({ tls }: { tls?: EtcdServerTls } = {}): Promise<ZooKeeperProcess> {
    const programs = await zookeeper38()
    const directory = await mkdtemp(join(tmpdir(), 'kuryr-zookeeper-test-'))
    return new ZooKeeperProcess({ directory, ports: [await freePort(), await freePort()], programs, tls })
  }

  get endpoint(): string {
    return `127.0.0.1:${this.port}`
  }

  get secureEndpoint(): string {
    return `127.0.0.1:${this.#securePort}`
  }

  /** Starts it on the data that it has, and waits until it serves. */
  async start(): Promise<void> {
    const file = join(this.#directory, 'zoo.cfg')
    await writeFile(file, await this.#configuration())
    await this.#process.start([...this.#programs.server, file], () => this.#answers())
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

  async #configuration(): Promise<string> {
    const place = { address: '127.0.0.1', port: this.port, directory: join(this.#directory, 'data') }
    // Sessions may be as short as twice the tick, in milliseconds.
    return zookeeperConfiguration(place, { tickTime: 500, ...(this.#tls && (await this.#secure(this.#tls))) })
  }

  async #secure(tls: EtcdServerTls): Promise<Record<string, string | number>> {
    const own = join(this.#directory, 'server-with-key.pem')
    await writeFile(own, `${await readFile(tls.certFile, 'utf8')}${await readFile(tls.keyFile, 'utf8')}`)
    return {
      secureClientPort: this.#securePort,
      secureClientPortAddress: '127.0.0.1',
      serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
      'ssl.keyStore.location': own,
      'ssl.keyStore.type': 'PEM',
      'ssl.trustStore.location': tls.caFile,
      'ssl.trustStore.type': 'PEM',
      'ssl.hostnameVerification': 'false',
    }
  }

  /** The one command of four letters that is allowed without configuration. */
  async #answers(): Promise<void> {
    const socket = connect(this.port, '127.0.0.1')
    socket.setTimeout(1000, () => socket.destroy())
    await once(socket, 'connect')
    socket.end('srvr')
    const answer = await text(socket)
    if (!answer.includes('Mode: ')) throw new Error(`expected a serving ZooKeeper, got ${answer}`)
  }
}
