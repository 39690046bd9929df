import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { etcd34, etcd35, type EtcdPrograms } from '../lab/programs/debian-programs.ts'
import { ServerProcess, freePort } from './server-process.ts'

const run = promisify(execFile)

/** Which etcd to run, and how. */
export interface EtcdProcessOptions {
  /** Default 3.4, the one of Debian 12. */
  version?: '3.4' | '3.5'
  tls?: EtcdServerTls
}

/** One etcd on loopback with a data directory of its own, for the tests of one file. */
export class EtcdProcess {
  readonly #directory: string
  readonly #port: number
  readonly #peerPort: number
  readonly #tls: EtcdServerTls | undefined
  readonly #programs: EtcdPrograms
  readonly #process = new ServerProcess('etcd')
  /** `name:password` for `ctl`, once authentication is on. */
  user: string | undefined

  private constructor(place: {
    directory: string
    ports: [number, number]
    programs: EtcdPrograms
    tls: EtcdServerTls | undefined
  }) {
    this.#directory = place.directory
    ;[this.#port, this.#peerPort] = place.ports
    this.#programs = place.programs
    this.#tls = place.tls
  }

  /** Does not start it yet. */
  static async create({ version = '3.4', tls }: EtcdProcessOptions = {}): Promise<EtcdProcess> {
    const programs = await (version === '3.4' ? etcd34() : etcd35())
    const directory = await mkdtemp(join(tmpdir(), 'kuryr-etcd-test-'))
    return new EtcdProcess({ directory, ports: [await freePort(), await freePort()], programs, tls })
  }

  get endpoint(): string {
    return `127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  /** Starts it on the data that it has, and waits until it answers. */
  async start(): Promise<void> {
    const { etcd } = this.#programs
    const scheme = this.#tls === undefined ? 'http' : 'https'
    const client = `${scheme}://${this.endpoint}`
    const peer = `http://127.0.0.1:${this.#peerPort}`
    const place = ['--data-dir', join(this.#directory, 'data'), '--listen-client-urls', client]
    const names = ['--advertise-client-urls', client, '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer]
    const all = [...place, ...names, '--initial-cluster', `default=${peer}`, ...tlsArguments(this.#tls)]
    await this.#process.start([etcd, ...all], () => this.ctl(['endpoint', 'health']))
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

  /** Puts the data of a snapshot in place of all that it has; only while it is down. */
  async restore(snapshot: string): Promise<void> {
    await this.wipe()
    const peer = `http://127.0.0.1:${this.#peerPort}`
    const member = ['--initial-cluster', `default=${peer}`, '--initial-advertise-peer-urls', peer]
    await this.ctl(['snapshot', 'restore', snapshot, '--data-dir', join(this.#directory, 'data'), ...member])
  }

  /** Runs etcd's own command-line client against it. */
  async ctl(words: string[]): Promise<string> {
    const { etcdctl } = this.#programs
    const tls = this.#tls
    const files = tls ? ['--cacert', tls.caFile, '--cert', tls.clientCertFile, '--key', tls.clientKeyFile] : []
    const scheme = tls === undefined ? 'http' : 'https'
    const all = [
      '--endpoints',
      `${scheme}://${this.endpoint}`,
      '--dial-timeout',
      '1s',
      '--command-timeout',
      '2s',
      ...files,
      ...(this.user === undefined ? [] : ['--user', this.user]),
      ...words,
    ]
    return (await run(etcdctl, all, { env: { ...process.env, ETCDCTL_API: '3' } })).stdout
  }

  async destroy(): Promise<void> {
    this.signal('SIGCONT')
    await this.kill()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

/** Certificate files: the server's, and a client's that it accepts. */
export interface EtcdServerTls {
  caFile: string
  certFile: string
  keyFile: string
  clientCertFile: string
  clientKeyFile: string
}

function tlsArguments(tls: EtcdServerTls | undefined): string[] {
  if (tls === undefined) return []
  const own = ['--cert-file', tls.certFile, '--key-file', tls.keyFile]
  return [...own, '--trusted-ca-file', tls.caFile, '--client-cert-auth']
}

/** Makes an authority and two certificates in `directory`, with openssl. */
export async function makeCertificates(directory: string): Promise<EtcdServerTls> {
  const at = (name: string): string => join(directory, name)
  const newKey = ['req', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  const authority = ['-x509', '-subj', '/CN=test authority', '-keyout', at('ca.key'), '-out', at('ca.pem')]
  await run('openssl', [...newKey, ...authority])
  for (const name of ['server', 'client']) {
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]
    const signed = ['-x509', '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-subj', `/CN=${name}`]
    const usable = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE']
    await run('openssl', [...newKey, ...signed, ...usable, ...files])
  }
  return {
    caFile: at('ca.pem'),
    certFile: at('server.pem'),
    keyFile: at('server.key'),
    clientCertFile: at('client.pem'),
    clientKeyFile: at('client.key'),
  }
}
