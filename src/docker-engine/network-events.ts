import type { Readable } from 'node:stream'
import type { Logger } from 'pino'
import { Type } from 'typebox'
import { maybe, readingOf } from './answer-reading.ts'
import type { EngineContainerEvent, EngineEvent, EngineNetworkEvent } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'
import type { EngineRequest } from './engine-connection.ts'
import { EngineError } from './engine-error.ts'
import { EngineUnavailableError } from './engine-unavailable.ts'
import { EventQueue } from './event-queue.ts'
import { engineInfo } from './info.ts'
import { JsonLines } from './json-lines.ts'

/** Events that may wait for a reader who is busy. */
const mostWaiting = 10_000

/** Asks `GET /events` for those of networks and of containers' names, as {@link DockerEngine.networkEvents} promises. */
export async function* networkEvents(
  { calls, log }: { calls: EngineCalls; log: Logger },
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void> {
  const left = new AbortController()
  const stop = AbortSignal.any([signal, left.signal])
  try {
    // A lost stream is often that of an engine that was replaced.
    calls.forgetVersion()
    const { systemTime } = await engineInfo(calls, { signal: stop })
    const request = eventsRequest(systemTime)
    const body = await calls.stream(request, { signal: stop })
    const queue = new EventQueue<TakenEvent>(mostWaiting)
    stop.addEventListener('abort', () => queue.end())
    // Read at once, whatever our reader does: the engine drops events for whom it must wait for more than 100 ms.
    void fill(queue, body, log).then(error => queue.end(calls.connection.broken(error, request)))
    yield { type: 'subscribed' }
    for await (const event of queue.read()) {
      if (signal.aborted) return
      yield event
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    left.abort()
  }
}

type TakenEvent = EngineNetworkEvent | EngineContainerEvent

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

/** Puts what comes into the queue; resolves with why nothing comes any more. */
async function fill(queue: EventQueue<TakenEvent>, body: Readable, log: Logger): Promise<Error> {
  const lines = new JsonLines((why, beginning) =>
    log.warn({ why, beginning }, 'a line of Docker’s events cannot be read: left out'),
  )
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      for (const value of lines.push(chunk)) {
        const event = readEvent(value, log)
        if (event !== undefined && !queue.put(event)) {
          return new EngineUnavailableError(
            `${mostWaiting} events of the Docker engine waited to be handled and more came: expected them to be handled faster; compare all networks`,
          )
        }
      }
    }
    return new Error('the engine ended its events')
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const eventReading = readingOf(
  Type.Object({
    Type: Type.String(),
    Action: Type.String(),
    Actor: Type.Object({
      ID: Type.String(),
      Attributes: maybe(Type.Object({ name: maybe(Type.String()), type: maybe(Type.String()) })),
    }),
  }),
)

/** A network's event, or a container's new name; `undefined` for others, and with a line in the log for what is no event. */
export function readEvent(value: unknown, log: Pick<Logger, 'warn'>): TakenEvent | undefined {
  try {
    const { Type: type, Action: action, Actor } = eventReading(value, 'an event')
    const { name, type: driver } = Actor.Attributes ?? {}
    if (type === 'container' && action === 'rename') return { type, action, id: Actor.ID, name: name ?? '' }
    if (type !== 'network') return undefined
    return { type, action, id: Actor.ID, name: name ?? '', driver: driver ?? '' }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    log.warn({ err: error.message }, 'a line of Docker’s events is no event: left out')
    return undefined
  }
}
