import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Client, type Dispatcher } from 'undici'
import { openNeutronApi } from '../../src/neutron-api/neutron-api.ts'
import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import type { Neutron } from '../../src/neutron/neutron.ts'
import { openStore } from '../../src/store/open-store.ts'

/** The embedded service on a SQLite file of its own, served over REST on a free loopback port. */
export interface ServedNeutron extends AsyncDisposable {
  url: string
  neutron: Neutron
  /** What the API logged at level `error`, as lines of JSON. */
  errors: readonly string[]
  /** Sends one request; a body that is no text or bytes goes as JSON. */
  send(method: Dispatcher.HttpMethod, path: string, options?: SendOptions): Promise<Answer>
}

export interface SendOptions {
  body?: unknown
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** The body as JSON; `undefined` when it is empty. @throws SyntaxError when it is no JSON. */
  json: () => unknown
}

/** Starts it all; disposing of it stops it all and removes the file. */
export async function serveNeutron(options: { token?: string } = {}): Promise<ServedNeutron> {
  await using resources = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'kuryr-neutron-api-'))
  resources.defer(async () => rm(directory, { recursive: true, force: true }))
  const errors: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => errors.push(line) })
  const store = openStore(`sqlite://${directory}/neutron.sqlite`, { log })
  resources.defer(async () => store.close())
  const neutron = openNeutronService({ store, log, host: 'node1', defaultMtu: 1450 })
  resources.defer(async () => neutron.close())
  await neutron.registerAgent({ tunnelingIp: '192.0.2.1', version: '1' })
  const api = openNeutronApi({ neutron, log, ...options })
  resources.defer(async () => api.close())
  const url = await api.listen('127.0.0.1:0')
  const client = new Client(url)
  resources.defer(async () => client.close())
  const owned = resources.move()
  return {
    url,
    neutron,
    errors,
    send: async (method, path, sent = {}) => send(client, { method, path, ...sent }),
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  }
}

async function send(
  client: Client,
  { method, path, body, headers = {} }: SendOptions & { method: Dispatcher.HttpMethod; path: string },
): Promise<Answer> {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
  const response = await client.request({
    method,
    path,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
  })
  const text = await response.body.text()
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: () => (text === '' ? undefined : (JSON.parse(text) as unknown)),
  }
}
