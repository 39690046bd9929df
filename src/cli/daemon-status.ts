import { readFileSync } from 'node:fs'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { Agent, request } from 'undici'
import { parseListenUri } from '../config/address-types.ts'
import type { Config } from '../config/option-table.ts'

const statusSchema = Type.Object({
  version: Type.String(),
  host: Type.String(),
  /** When the daemon started, ISO 8601. */
  since: Type.String(),
  /** `null` where OpenStack holds the networks. */
  store: Type.Union([Type.Null(), Type.Object({ url: Type.String(), state: Type.String() })]),
  plugin: Type.Object({ uri: Type.String(), calls: Type.Number() }),
  neutron: Type.Object({
    kind: Type.String(),
    bind: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    /** Of OpenStack's. */
    state: Type.Optional(Type.String()),
  }),
  fabric: Type.Object({
    localAddress: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    networks: Type.Array(Type.Unknown()),
    problems: Type.Array(Type.String()),
  }),
  sharing: Type.Union([
    Type.Null(),
    Type.Object({
      via: Type.String(),
      namespace: Type.String(),
      engine: Type.Union([Type.Null(), Type.Object({ version: Type.String(), swarm: Type.Boolean() })]),
      networks: Type.Number(),
      here: Type.Number(),
    }),
  ]),
  sharingReason: Type.String(),
  problems: Type.Array(Type.Object({ what: Type.String(), why: Type.String(), todo: Type.String() })),
})

/** What a daemon answers to `GET /kuryr/status` on its plugin socket. */
export type DaemonStatus = Static<typeof statusSchema>

const validStatus = Compile(statusSchema)

/** The daemon gave no status, told in words that say what to do. */
export class StatusUnavailable extends Error {
  override readonly name = 'StatusUnavailable'
}

/**
 * Asks the daemon that serves `config` how it is.
 *
 * @param timeout milliseconds until it counts as not reachable.
 * @throws {StatusUnavailable} when nothing answers there, or something that is no daemon of ours.
 */
export async function askDaemon(config: Config['DEFAULT'], timeout = 5000): Promise<DaemonStatus> {
  let agent: Agent | undefined
  try {
    agent = agentFor(config)
    const answer = await request(new URL('/kuryr/status', originOf(config)), {
      dispatcher: agent,
      signal: AbortSignal.timeout(timeout),
    })
    const text = await answer.body.text()
    return parsedStatus(answer.statusCode, text, config.kuryr_uri)
  } catch (error) {
    throw error instanceof StatusUnavailable ? error : new StatusUnavailable(whyUnreachable(error, config.kuryr_uri))
  } finally {
    await agent?.destroy()
  }
}

function originOf({ kuryr_uri: uri, enable_ssl: tls }: Config['DEFAULT']): string {
  const address = parseListenUri(uri)
  if (address?.kind !== 'tcp') return 'http://localhost'
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${tls ? 'https' : 'http'}://${host}:${address.port}`
}

function agentFor(config: Config['DEFAULT']): Agent {
  const address = parseListenUri(config.kuryr_uri)
  if (address?.kind === 'unix') return new Agent({ connect: { socketPath: address.path } })
  if (!config.enable_ssl) return new Agent()
  // The daemon is on this machine, with this very certificate: it is trusted by itself and proves us as a client.
  const cert = readFileSync(config.ssl_cert_file)
  const key = readFileSync(config.ssl_key_file)
  const authorities = config.ssl_ca_file === undefined ? [] : [readFileSync(config.ssl_ca_file)]
  return new Agent({ connect: { cert, key, ca: [cert, ...authorities], checkServerIdentity: () => undefined } })
}

function parsedStatus(statusCode: number, text: string, uri: string): DaemonStatus {
  const answer = asJson(text)
  if (statusCode === 200 && validStatus.Check(answer)) return answer
  throw new StatusUnavailable(
    `What answers at ${uri} is not a kuryr daemon of this version: expected its status, got HTTP ${statusCode}. ` +
      'Is another plugin or an older kuryr running there? Stop it, or set kuryr_uri to another place.',
  )
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function whyUnreachable(error: unknown, uri: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known: Record<string, string> = {
    ENOENT: `There is no socket at ${uri}: start the daemon with \`kuryr serve\` (or its service), with the same configuration as this command.`,
    ECONNREFUSED: `Nothing listens at ${uri}: the daemon is not running. Start it with \`kuryr serve\` (or its service); its log says why it ended.`,
    EACCES: `${uri} may not be opened by this user: run \`kuryr status\` as root.`,
  }
  if (known[code] !== undefined) return known[code]
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `The daemon at ${uri} took the connection and gave no answer in time: look at its log; if it hangs, restart it (containers keep their network).`
  }
  return `The daemon at ${uri} cannot be asked: ${error instanceof Error ? error.message : String(error)}`
}
