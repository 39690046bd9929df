import { isAborted } from '../concurrency/aborted.ts'
import type { EngineEvent } from './docker-engine.ts'
import { EngineUnavailableError } from './engine-unavailable.ts'
import { EventQueue } from './event-queue.ts'

/** Events that may wait for a reader who is busy. */
const mostWaiting = 10_000

/** Tells the events of one stream; resolves when `signal` aborts, rejects when there are no more. */
export type EventSource = (tell: (event: EngineEvent) => void, signal: AbortSignal) => Promise<void>

/** A stream that runs, and who reads it. */
interface Stream {
  readonly readers: Set<EventQueue<EngineEvent>>
  readonly stop: AbortController
  subscribed: boolean
}

/** One stream of events for all who read at the same time: begun for the first, ended with the last. */
export class SharedEvents {
  readonly #source: EventSource
  #stream: Stream | undefined

  constructor(source: EventSource) {
    this.#source = source
  }

  /**
   * The events from now on, `subscribed` first; ends silently when `signal` aborts.
   *
   * @throws what the source does; {@link EngineUnavailableError} for a reader who lets too many wait.
   */
  async *read(signal: AbortSignal): AsyncGenerator<EngineEvent, void> {
    if (signal.aborted) return
    const queue = new EventQueue<EngineEvent>(mostWaiting)
    const end = (): void => queue.end()
    signal.addEventListener('abort', end)
    const stream = this.#join(queue)
    try {
      for await (const event of queue.read()) {
        if (isAborted(signal)) return
        yield event
      }
    } catch (error) {
      if (!isAborted(signal)) throw error
    } finally {
      signal.removeEventListener('abort', end)
      this.#leave(stream, queue)
    }
  }

  #join(queue: EventQueue<EngineEvent>): Stream {
    const stream = this.#stream ?? this.#begin()
    stream.readers.add(queue)
    if (stream.subscribed) queue.put({ type: 'subscribed' })
    return stream
  }

  #leave(stream: Stream, queue: EventQueue<EngineEvent>): void {
    stream.readers.delete(queue)
    if (stream.readers.size > 0) return
    if (this.#stream === stream) this.#stream = undefined
    stream.stop.abort()
  }

  #begin(): Stream {
    const stream: Stream = { readers: new Set(), stop: new AbortController(), subscribed: false }
    this.#stream = stream
    const end = (error?: Error): void => {
      if (this.#stream === stream) this.#stream = undefined
      for (const queue of stream.readers) queue.end(error)
    }
    this.#source(event => tell(stream, event), stream.stop.signal).then(
      () => end(),
      (error: unknown) => end(error instanceof Error ? error : new Error(String(error))),
    )
    return stream
  }
}

function tell(stream: Stream, event: EngineEvent): void {
  if (event.type === 'subscribed') stream.subscribed = true
  for (const queue of stream.readers) {
    if (queue.put(event)) continue
    queue.end(
      new EngineUnavailableError(
        `${mostWaiting} events of the Docker engine waited to be handled and more came: expected them to be handled faster; compare all networks`,
      ),
    )
  }
}
