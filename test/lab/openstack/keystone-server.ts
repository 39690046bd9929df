import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { LongRunning } from '../processes/long-running.ts'
import { outputOf } from '../processes/run-program.ts'
import { fillKeystone } from './keystone-content.ts'
import { preparedOnce } from './prepared-once.ts'
import { addressOf, answers, fileIn, freePort, startService, type ServicePlace } from './service-place.ts'

export interface KeystonePlan {
  place: ServicePlace
  /** A free one if absent. */
  port?: number
  /** What the catalogue says of Neutron, in region RegionOne, for all three interfaces. */
  neutronUrl: string
  /** Seconds that a token lives; 3600 if absent. Below 60 every request is worth a new one. */
  tokenLifetime?: number
}

/** A Keystone on SQLite with what {@link fillKeystone} makes: project `service`, users `kuryr` and `plain`. */
export class KeystoneServer {
  /** `http://host:port/v3` */
  readonly url: string
  readonly #plan: KeystonePlan
  readonly #port: number
  #process: LongRunning | undefined

  private constructor(plan: KeystonePlan, port: number) {
    this.#plan = plan
    this.#port = port
    this.url = `http://${addressOf(plan.place)}:${port}/v3`
  }

  /** Starts it on the data that are in the place, or on fresh ones, and waits until it answers. */
  static async start(plan: KeystonePlan): Promise<KeystoneServer> {
    const keystone = new KeystoneServer(plan, plan.port ?? (await freePort()))
    const database = await fileIn(plan.place, 'keystone', 'keystone.sqlite')
    if (!existsSync(database)) await copyPrepared(database, { keystoneUrl: keystone.url, neutronUrl: plan.neutronUrl })
    await keystone.start()
    return keystone
  }

  /** Starts it again where it was, after {@link kill} or {@link stop}. */
  async start(): Promise<void> {
    const { place, tokenLifetime } = this.#plan
    this.#process = await runKeystone({ place, port: this.#port, tokenLifetime: tokenLifetime ?? 3600 })
  }

  async stop(): Promise<void> {
    await this.#process?.stop(10_000)
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.#process?.kill()
  }
}

async function copyPrepared(database: string, urls: { keystoneUrl: string; neutronUrl: string }): Promise<void> {
  const prepared = await preparedOnce({ name: 'keystone', debianPackage: 'python3-keystone' }, prepareKeystone)
  await cp(path.join(prepared, 'keystone'), path.dirname(database), { recursive: true })
  const sqlite = new DatabaseSync(database)
  const ofType = 'select id from service where type = ?'
  const update = sqlite.prepare(`update endpoint set url = ? where service_id in (${ofType})`)
  update.run(urls.keystoneUrl, 'identity')
  update.run(urls.neutronUrl, 'network')
  sqlite.close()
}

async function prepareKeystone(directory: string): Promise<void> {
  const place: ServicePlace = { directory }
  const port = await freePort()
  for (const keys of ['fernet', 'credential']) await makeKeys(path.join(directory, 'keystone', keys))
  const configuration = await configure(place, 3600)
  const manage = (...args: string[]): Promise<string> =>
    outputOf('keystone-manage', ['--config-file', configuration, ...args])
  await manage('db_sync')
  const url = `http://127.0.0.1:${port}/v3`
  const urls = ['public', 'internal', 'admin'].flatMap(kind => [`--bootstrap-${kind}-url`, url])
  const admin = ['--bootstrap-username', 'admin', '--bootstrap-password', 'admin', '--bootstrap-project-name', 'admin']
  const more = ['--bootstrap-role-name', 'admin', '--bootstrap-service-name', 'keystone']
  await manage('bootstrap', ...admin, ...more, '--bootstrap-region-id', 'RegionOne', ...urls)
  const database = path.join(directory, 'keystone', 'keystone.sqlite')
  // Without it, writes that meet answer 500 "database is locked".
  useWriteAheadLog(database)
  const server = await runKeystone({ place, port, tokenLifetime: 3600 })
  await fillKeystone(url)
  await server.stop(10_000)
  useWriteAheadLog(database)
}

function useWriteAheadLog(database: string): void {
  const sqlite = new DatabaseSync(database)
  sqlite.exec('pragma journal_mode = wal; pragma wal_checkpoint(truncate)')
  sqlite.close()
}

/** As keystone-manage's fernet_setup and credential_setup, of which each takes seconds. */
async function makeKeys(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const name of ['0', '1']) {
    const key = randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
    await writeFile(path.join(directory, name), key, { mode: 0o600 })
  }
}

async function runKeystone({
  place,
  port,
  tokenLifetime,
}: {
  place: ServicePlace
  port: number
  tokenLifetime: number
}): Promise<LongRunning> {
  const configuration = await configure(place, tokenLifetime)
  const listen = ['-b', addressOf(place), '-p', String(port)]
  const command = ['keystone-wsgi-public', ...listen, '--', '--config-file', configuration] as const
  const server = await startService(place, 'keystone', command)
  await server.ready(60_000, () => answers(place, `http://${addressOf(place)}:${port}/v3`))
  return server
}

async function configure(place: ServicePlace, tokenLifetime: number): Promise<string> {
  const directory = path.join(place.directory, 'keystone')
  const file = await fileIn(place, 'keystone', 'keystone.conf')
  await writeFile(
    file,
    `[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///${directory}/keystone.sqlite
[token]
provider = fernet
expiration = ${tokenLifetime}
[fernet_tokens]
key_repository = ${directory}/fernet
[fernet_receipts]
key_repository = ${directory}/fernet
[credential]
key_repository = ${directory}/credential
[identity]
password_hash_rounds = 4
[cache]
enabled = false
`,
  )
  return file
}
