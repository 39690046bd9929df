import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { LongRunning } from './processes/long-running.ts'
import { outputOf, runProgram, type ProgramResult } from './processes/run-program.ts'
import type { EtcdPrograms } from './programs/debian-programs.ts'
import { labMark, namespaceName } from './remains/lab-record.ts'

export interface EtcdPlan {
  labId: string
  address: string
  directory: string
  programs: EtcdPrograms
}

/** The etcd of a lab, on a machine of its own: Docker's cluster store by its v2 API, kuryr's store by v3. */
export class Etcd {
  readonly logFile: string
  readonly #plan: EtcdPlan
  #process: LongRunning | undefined

  constructor(plan: EtcdPlan) {
    this.#plan = plan
    this.logFile = path.join(plan.directory, 'etcd.log')
  }

  /** Host and port, as Docker and kuryr are told after `etcd://`. */
  get endpoint(): string {
    return `${this.#plan.address}:2379`
  }

  /** Starts it on the data that it has, and waits until it answers. */
  async start(): Promise<void> {
    const { directory, programs, labId } = this.#plan
    await mkdir(directory, { recursive: true })
    const url = `http://${this.endpoint}`
    const listen = [
      '--listen-client-urls',
      url,
      '--advertise-client-urls',
      url,
      '--listen-peer-urls',
      'http://127.0.0.1:2380',
    ]
    const etcd = [programs.etcd, '--enable-v2=true', '--data-dir', this.#dataDirectory(), ...listen]
    this.#process = await LongRunning.start({
      name: 'etcd',
      program: 'nsenter',
      args: [this.#network(), '--', ...etcd],
      // etcd 3.4 wants to be told that somebody knows what they do there.
      environment: { [labMark]: labId, ETCD_UNSUPPORTED_ARCH: 'arm64' },
      logFile: this.logFile,
    })
    await this.#process.ready(30_000, async () => (await this.#try('3', ['endpoint', 'health'])).exitCode === 0)
  }

  async stop(): Promise<void> {
    await this.#process?.stop(10_000)
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  /** Loses all that it holds, for both APIs, as with a new disk; only while it is down. */
  async wipeData(): Promise<void> {
    if (this.#process?.running) throw new Error('etcd runs: stop it before its data is wiped')
    await rm(this.#dataDirectory(), { recursive: true, force: true })
  }

  /** It hangs: connections stand, nothing answers. */
  pause(): void {
    this.#process?.signal('SIGSTOP')
  }

  resume(): void {
    this.#process?.signal('SIGCONT')
  }

  /** All keys of the v2 store below `directory`, directories too; none if there is no such directory. */
  async v2Keys(directory: string): Promise<string[]> {
    const answer = await this.#try('2', ['ls', '--recursive', directory])
    if (answer.exitCode !== 0 && answer.stderr.includes('Key not found')) return []
    if (answer.exitCode !== 0) throw new Error(`etcdctl ls ${directory}: ${answer.stderr.trim()}`)
    return answer.stdout.split('\n').filter(line => line !== '')
  }

  /** The value of a key of the v2 store. @throws ProgramFailed if there is none. */
  async v2Get(key: string): Promise<string> {
    return (await this.#output('2', ['get', key])).trimEnd()
  }

  /** All keys of the v3 store that start with `prefix`, and their values, as text. */
  async v3Get(prefix: string): Promise<Map<string, string>> {
    const json = await this.#output('3', ['get', '--prefix', prefix, '--write-out', 'json'])
    const { kvs = [] } = JSON.parse(json) as { kvs?: { key: string; value?: string }[] }
    const text = (base64: string) => Buffer.from(base64, 'base64').toString()
    return new Map(kvs.map(({ key, value = '' }) => [text(key), text(value)]))
  }

  /** Writes a key of the v3 store, as another program might; the value may be of any size that etcd takes. */
  async v3Put(key: string, value: string): Promise<void> {
    await outputOf('nsenter', this.#client(['put', key]), { environment: { ETCDCTL_API: '3' }, input: value })
  }

  async v3Delete(key: string): Promise<void> {
    await this.#output('3', ['del', key])
  }

  async v3DeletePrefix(prefix: string): Promise<void> {
    await this.#output('3', ['del', '--prefix', prefix])
  }

  #dataDirectory(): string {
    return path.join(this.#plan.directory, 'data')
  }

  #try(api: '2' | '3', args: readonly string[]): Promise<ProgramResult> {
    return runProgram('nsenter', this.#client(args), { environment: { ETCDCTL_API: api }, deadline: 20_000 })
  }

  #output(api: '2' | '3', args: readonly string[]): Promise<string> {
    return outputOf('nsenter', this.#client(args), { environment: { ETCDCTL_API: api }, deadline: 20_000 })
  }

  #client(args: readonly string[]): string[] {
    return [this.#network(), '--', this.#plan.programs.etcdctl, '--endpoints', `http://${this.endpoint}`, ...args]
  }

  #network(): string {
    return `--net=/run/netns/${namespaceName(this.#plan.labId, 'etcd')}`
  }
}
