import { readFileSync } from 'node:fs'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Agent, request } from 'undici'
import { parseListenUri } from '../../config/address-types.ts'
import type { Config } from '../../config/option-table.ts'
import type { Question } from './answers.ts'

/** The daemon gave no answer, told in words that say what to do. */
export class DaemonUnavailable extends Error {
  override readonly name = 'DaemonUnavailable'
}

/** The daemon answered that it will not or cannot do it; the message is its own. */
export class DaemonRefused extends Error {
  override readonly name = 'DaemonRefused'
}

const Refusal = Compile(Type.Object({ Err: Type.String({ minLength: 1 }) }))

/**
 * Asks the daemon that serves `config`, over its plugin socket.
 *
 * @throws {DaemonUnavailable} when nothing answers there, or something that is no daemon of ours.
 * @throws {DaemonRefused}
 */
export async function askDaemon<Answer>(config: Config['DEFAULT'], question: Question<Answer>): Promise<Answer> {
  let agent: Agent | undefined
  try {
    agent = agentFor(config)
    const { method, path, body, timeout } = question
    const answer = await request(new URL(path, originOf(config)), {
      dispatcher: agent,
      signal: AbortSignal.timeout(timeout),
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    return readAnswer(question, { statusCode: answer.statusCode, text: await answer.body.text() }, config.kuryr_uri)
  } catch (error) {
    if (error instanceof DaemonUnavailable || error instanceof DaemonRefused) throw error
    throw new DaemonUnavailable(whyUnreachable(error, config.kuryr_uri))
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

function readAnswer<Answer>(
  { what, isAnswer }: Question<Answer>,
  { statusCode, text }: { statusCode: number; text: string },
  uri: string,
): Answer {
  const answer = asJson(text)
  if (statusCode === 200 && isAnswer(answer)) return answer
  // 404 is what other plugins, and older daemons, say to a path that they do not know.
  if (statusCode >= 400 && statusCode !== 404 && Refusal.Check(answer)) throw new DaemonRefused(answer.Err)
  throw new DaemonUnavailable(
    `What answers at ${uri} is not a kuryr daemon of this version: expected ${what}, got HTTP ${statusCode}. ` +
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
    EACCES: `${uri} may not be opened by this user: run the command as root.`,
  }
  if (known[code] !== undefined) return known[code]
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `The daemon at ${uri} took the connection and gave no answer in time: look at its log; if it hangs, restart it (containers keep their network).`
  }
  return `The daemon at ${uri} cannot be asked: ${error instanceof Error ? error.message : String(error)}`
}
