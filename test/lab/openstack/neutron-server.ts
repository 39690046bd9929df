import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, readFile } from 'node:fs/promises'
import path from 'node:path'
import { withProgress } from '../processes/progress.ts'
import { waitUntil } from '../processes/wait-until.ts'
import { outputOf } from '../processes/run-program.ts'
import type { LongRunning } from '../processes/long-running.ts'
import { addAgentRows, type AgentRow } from './agent-row.ts'
import { configureNeutron, type NeutronSettings } from './neutron-configuration.ts'
import { preparedOnce } from './prepared-once.ts'
import { addressOf, answers, freePort, startService, type ServicePlace } from './service-place.ts'

export interface NeutronPlan extends NeutronSettings {
  place: ServicePlace
  /** A free one if absent. */
  port?: number
  /** Agents that only the database knows, for ports to be bound where no agent runs; with SQLite only. */
  agents?: readonly AgentRow[]
}

/** A request that the server answered. */
export interface LoggedRequest {
  method: string
  /** Path and query. */
  target: string
  status: number
}

/** A neutron-server with the ML2 plugin. */
export class NeutronServer {
  /** `http://host:port` */
  readonly url: string
  readonly #plan: NeutronPlan
  readonly #files: readonly string[]
  #process: LongRunning | undefined

  private constructor(plan: NeutronPlan, port: number, files: readonly string[]) {
    this.#plan = plan
    this.#files = files
    this.url = `http://${addressOf(plan.place)}:${port}`
  }

  /** Starts it on the data that its database has, or on an empty one, and waits until it answers. */
  static async start(plan: NeutronPlan): Promise<NeutronServer> {
    const port = plan.port ?? (await freePort())
    const { files, database } = await configureNeutron(plan.place, port, plan)
    const neutron = new NeutronServer(plan, port, files)
    await provideTables(plan, { files, database })
    await neutron.start()
    return neutron
  }

  /** Starts it again where it was, after {@link kill} or {@link stop}. */
  async start(): Promise<void> {
    const { place } = this.#plan
    const configuration = this.#files.flatMap(file => ['--config-file', file])
    const server = await startService(place, 'neutron-server', ['neutron-server', ...configuration])
    this.#process = server
    // The root answers without a token, too.
    await withProgress('starting neutron-server', () => server.ready(90_000, () => answers(place, `${this.url}/`)))
  }

  get logFile(): string {
    return path.join(this.#plan.place.directory, 'log', 'neutron-server.log')
  }

  /** What its access log says it answered since it was first started, without the lab's own questions. */
  async requests(): Promise<LoggedRequest[]> {
    // An answer arrives before its line is written; the line of a later question comes after it.
    const marker = `/?${randomUUID()}`
    await answers(this.#plan.place, `${this.url}${marker}`)
    const log = await waitUntil('neutron-server logs a request', 10_000, async () => {
      const text = await readFile(this.logFile, 'utf8')
      return text.includes(marker) ? text : undefined
    })
    const lines = log.matchAll(/"(?<method>[A-Z]+) (?<target>\S+) HTTP\/1\.\d" status: (?<status>\d+)/g)
    return [...lines].flatMap(({ groups: { method = '', target = '', status = '' } = {} }) =>
      /^\/(\?|$)/.test(target) ? [] : [{ method, target, status: Number(status) }],
    )
  }

  async stop(): Promise<void> {
    await this.#process?.stop(10_000)
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.#process?.kill()
  }
}

async function provideTables(
  { agents = [], place, databaseIsFilled = false }: NeutronPlan,
  { files, database }: { files: readonly string[]; database: string },
): Promise<void> {
  const file = /^sqlite:\/\/(?<file>\/.*)$/.exec(database)?.groups?.file
  if (file === undefined) {
    if (agents.length > 0) throw new Error(`agents need SQLite, and the database is ${database}: start real agents`)
    if (databaseIsFilled) return
    const configuration = files.flatMap(name => ['--config-file', name])
    await withProgress('filling Neutron’s database', () =>
      outputOf('neutron-db-manage', [...configuration, 'upgrade', 'head'], { cwd: place.directory }),
    )
    return
  }
  if (!existsSync(file)) {
    const prepared = await preparedOnce({ name: 'neutron', debianPackage: 'neutron-common' }, makeTables)
    await cp(path.join(prepared, 'neutron.sqlite'), file)
  }
  addAgentRows(file, agents)
}

async function makeTables(directory: string): Promise<void> {
  const script = path.join(import.meta.dirname, 'neutron-schema.py')
  await outputOf('/usr/bin/python3', [script, `sqlite:///${path.join(directory, 'neutron.sqlite')}`])
}
