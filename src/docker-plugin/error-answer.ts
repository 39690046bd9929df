import { quoted, shortened } from './quoted-value.ts'

/** The content type of Docker's plugin protocol. */
export const pluginContentType = 'application/vnd.docker.plugins.v1+json'

/** A non-200 answer: the network driver's client reads `Err`, the IPAM driver's `Error` (libnetwork `drivers/remote/api`, `ipams/remote/api`). */
export interface ErrorAnswer {
  status: number
  body: { Err: string; Error: string }
}

/**
 * Says any thrown thing in the protocol's words. A numeric `status` of 400 to 599 is kept, but for 404, which Docker
 * reads as "not implemented": that becomes 409. Everything else is 500.
 */
export function errorAnswer(error: unknown): ErrorAnswer {
  const text = plainMessage(error)
  return { status: statusOf(error), body: { Err: text, Error: text } }
}

/** An error's message without stack trace, secrets and control characters, at most 1000 characters long. */
export function plainMessage(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : quoted(error)
  const withoutStack = message.split(/\n\s+at /, 1)[0] ?? ''
  return shortened(withoutSecrets(withoutStack), 1000)
}

/** The messages of an error's causes, outermost first, for the log: at most five. */
export function causesOf(error: unknown): string[] {
  const causes: string[] = []
  let cause = error instanceof Error ? error.cause : undefined
  while (cause !== undefined && causes.length < 5) {
    causes.push(plainMessage(cause))
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return causes
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 599) return 500
  return status === 404 ? 409 : status
}

/** User and password of a URL, and what follows the name of a secret (but not that of a file: `/etc/passwd`). */
function withoutSecrets(text: string): string {
  return text
    .replace(/(:\/\/)[^\s/@]{1,256}@/g, '$1***@')
    .replace(
      /(?<!\/)((?:password|passwd|secret|token|api[_-]?key|authorization)["']?\s{0,4}[:=]\s{0,4}["']?)(?:(?:bearer|basic)\s{1,4})?[^\s"',;}]+/gi,
      '$1***',
    )
}
