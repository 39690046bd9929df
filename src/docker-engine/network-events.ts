import type { Logger } from 'pino'
import { Type } from 'typebox'
import { maybe, readingOf } from './answer-reading.ts'
import type { EngineContainerEvent, EngineEvent, EngineNetworkEvent } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'
import type { EngineRequest } from './engine-connection.ts'
import { EngineError } from './engine-error.ts'
import { engineInfo } from './info.ts'
import { JsonLines } from './json-lines.ts'

/**
 * Asks `GET /events` for those of networks and of containers' names, and tells each, after `subscribed`. Resolves when
 * `signal` aborts. `tell` must not wait: the engine drops events for whom it must wait for more than 100 ms.
 *
 * @throws {EngineUnavailableError} when the engine goes away. @throws {EngineError} when it refuses.
 */
export async function tellEvents(
  { calls, log }: { calls: EngineCalls; log: Logger },
  tell: (event: EngineEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    // A lost stream is often that of an engine that was replaced.
    calls.forgetVersion()
    const { systemTime } = await engineInfo(calls, { signal })
    const request = eventsRequest(systemTime)
    const body = await calls.stream(request, { signal })
    tell({ type: 'subscribed' })
    const lines = new JsonLines((why, beginning) =>
      log.warn({ why, beginning }, 'a line of Docker’s events cannot be read: left out'),
    )
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        for (const value of lines.push(chunk)) {
          const event = readEvent(value, log)
          if (event !== undefined) tell(event)
        }
      }
    } catch (error) {
      throw calls.connection.broken(error, request)
    }
    throw calls.connection.broken(new Error('the engine ended its events'), request)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Kinds and acts are filtered apart, so acts of containers come too that nobody asked for: they are left out here. */
const wanted = { type: ['network', 'container'], event: ['create', 'destroy', 'connect', 'disconnect', 'rename'] }

/**
 * The engine begins its answer before it subscribes: what happens in between is missed. With `since`, it also tells what
 * it remembers (256 events) from that moment of its own clock on.
 */
function eventsRequest(systemTime: string): EngineRequest {
  const filters = `filters=${encodeURIComponent(JSON.stringify(wanted))}`
  const since = secondsAndNanoseconds(systemTime)
  return { method: 'GET', path: `/events?${filters}${since === undefined ? '' : `&since=${since}`}` }
}

/** `since` of the Engine API, of an RFC 3339 time with up to nine decimals. */
export function secondsAndNanoseconds(time: string): string | undefined {
  const [, wholeSecond, decimals = '', zone] = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? []
  const milliseconds = Date.parse(`${wholeSecond}${zone}`)
  return Number.isNaN(milliseconds) ? undefined : `${milliseconds / 1000}.${decimals.padEnd(9, '0')}`
}

const eventReading = readingOf(
  Type.Object({
    Type: Type.String(),
    Action: Type.String(),
    Actor: Type.Object({
      ID: Type.String(),
      Attributes: maybe(
        Type.Object({ name: maybe(Type.String()), type: maybe(Type.String()), container: maybe(Type.String()) }),
      ),
    }),
  }),
)

/** A network's event, or a container's new name; `undefined` for others, and with a line in the log for what is no event. */
export function readEvent(
  value: unknown,
  log: Pick<Logger, 'warn'>,
): EngineNetworkEvent | EngineContainerEvent | undefined {
  try {
    const { Type: type, Action: action, Actor } = eventReading(value, 'an event')
    const { name, type: driver, container } = Actor.Attributes ?? {}
    if (type === 'container' && action === 'rename') return { type, action, id: Actor.ID, name: name ?? '' }
    if (type !== 'network') return undefined
    return { type, action, id: Actor.ID, name: name ?? '', driver: driver ?? '', ...(container && { container }) }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    log.warn({ err: error.message }, 'a line of Docker’s events is no event: left out')
    return undefined
  }
}
