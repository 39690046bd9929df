/** What the engine said no to, in the words that callers act upon. */
export type EngineErrorCode =
  /** The name is taken by another network. */
  | 'conflict'
  /** The network has active endpoints. */
  | 'inUse'
  | 'notFound'
  /** Several networks have that name: only their ids tell them apart. */
  | 'ambiguous'
  /** The network's driver or IPAM driver is a plugin that does not answer (yet). */
  | 'pluginMissing'
  /** An authorization plugin of the engine forbids it. */
  | 'denied'
  /** The request is wrong, or this engine does not do such a thing. */
  | 'refused'
  /** No version of the Engine API is spoken by both. */
  | 'version'
  /** The engine tried and failed; often the driver's own refusal. */
  | 'failed'
  /** No answer that an engine would give. */
  | 'unexpected'

/** A refusal or failure told by the engine. `message` says what was asked; `engineMessage` is its own words. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  /** HTTP's; 0 when the client refused by itself. */
  readonly status: number
  readonly engineMessage: string

  constructor(code: EngineErrorCode, message: string, answer: { status?: number; engineMessage?: string } = {}) {
    super(message)
    this.code = code
    this.status = answer.status ?? 0
    this.engineMessage = answer.engineMessage ?? ''
  }
}

/**
 * The engine's refusals, by status and text, as 20.10, 26 and 28 give them. First match counts; without text, any. Text
 * comes first where one refusal has different statuses in different versions.
 */
const refusals: readonly { status?: number; text?: RegExp; code: EngineErrorCode }[] = [
  { status: 400, text: /client version .* is too (new|old)/, code: 'version' },
  { text: /authorization denied by plugin|^plugin .* failed with error/, code: 'denied' },
  { text: /has active endpoints/, code: 'inUse' },
  { text: /^network with name .* already exists/, code: 'conflict' },
  { text: /is ambiguous$/, code: 'ambiguous' },
  {
    text: /^(could not resolve driver .*: )?(error looking up .* plugin|plugin .* not found|legacy plugin)/,
    code: 'pluginMissing',
  },
  { status: 404, text: /^(could not find network by ID: )?(network .* not found|no such network)/i, code: 'notFound' },
  { status: 404, text: /^No such container/, code: 'notFound' },
  { status: 409, code: 'conflict' },
  { status: 400, code: 'refused' },
  { status: 403, code: 'refused' },
  { text: /^This node is not a swarm manager/, code: 'refused' },
  { status: 500, code: 'failed' },
]

/** The error of an answer that is no success. `what` says what was asked of the engine: it begins the message. */
export function engineErrorOf(what: string, status: number, body: string): EngineError {
  const engineMessage = messageIn(body)
  const row = refusals.find(
    refusal => (refusal.status ?? status) === status && (refusal.text?.test(engineMessage) ?? true),
  )
  return new EngineError(row?.code ?? 'unexpected', `${what}: HTTP ${status}: ${engineMessage}`, {
    status,
    engineMessage,
  })
}

/** `{"message": "…"}` of the Engine API; anything else as it is, shortened. */
function messageIn(body: string): string {
  try {
    const answer: unknown = JSON.parse(body)
    if (typeof answer === 'object' && answer !== null && 'message' in answer && typeof answer.message === 'string') {
      return answer.message.trim().slice(0, 2000)
    }
  } catch {
    // Then it is no engine's.
  }
  return body.trim().slice(0, 200) || 'no explanation'
}
