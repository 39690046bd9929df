import type { ClientDuplexStream } from '@grpc/grpc-js'
import { Backoff } from '../concurrency/backoff.ts'
import type { EtcdClient } from './etcd-client.ts'
import { EtcdError, toEtcdError } from './etcd-error.ts'
import { watchMethod, type Event, type WatchRequest, type WatchResponse } from './etcd-protocol.ts'

/** The keys from `key` up to `rangeEnd` (exclusive; none: `key` alone). */
export interface WatchRange {
  key: string
  rangeEnd?: string
  /** The first revision to report. */
  startRevision: number
}

/** All changes in the watched range of one revision. */
export interface EtcdBatch {
  revision: number
  events: Event[]
}

type WatchStream = ClientDuplexStream<WatchRequest, WatchResponse>

/**
 * Changes in order, one batch per revision, none twice, none left out, over losses of the connection and changes of the
 * member. Ends when `signal` aborts.
 * @throws {EtcdError} `compacted` when changes were lost (etcd forgot them, or was set back to an older state);
 * `closed` when the client was closed.
 */
export async function* watchEtcd(
  client: EtcdClient,
  { key, rangeEnd, startRevision }: WatchRange,
  signal: AbortSignal,
): AsyncGenerator<EtcdBatch, void> {
  const stop = AbortSignal.any([signal, client.closing])
  const stopped = (): boolean => stop.aborted
  const backoff = new Backoff()
  let next = startRevision
  while (!stopped()) {
    const { address } = client.connection
    try {
      const range = { key, ...(rangeEnd === undefined ? {} : { range_end: rangeEnd }) }
      for await (const response of responses(client, { ...range, start_revision: next, progress_notify: true }, stop)) {
        if (response.created) await checkNotSetBack(client, response, next)
        if (response.created) backoff.reset()
        for (const batch of byRevision(response.events)) {
          next = batch.revision + 1
          yield batch
          stop.throwIfAborted()
        }
        // Without events it tells that everything up to its revision has been reported.
        if (!response.created && response.events.length === 0)
          next = Math.max(next, Number(response.header.revision) + 1)
      }
    } catch (caught) {
      const error = toEtcdError(caught, `etcd watch at ${address}`)
      if (stopped()) break
      if (error.code === 'compacted') throw error
      // Once per loss: etcd may be away for hours.
      if (backoff.attempts === 0)
        client.log.warn({ address, err: error.message }, 'the watch on etcd broke off: retrying')
      // Nobody asked for an end: it was not confirmed in time, which is this member's fault.
      if (error.code === 'aborted') client.connection.moveOn(address)
      else client.recover(error, address)
      await backoff.wait(stop)
    }
  }
  if (!signal.aborted) throw new EtcdError('closed', 'the etcd client was closed')
}

/** What one stream brings, the confirmation first. Throws when it ends, however it ends. */
async function* responses(
  client: EtcdClient,
  request: WatchRequest['create_request'],
  stop: AbortSignal,
): AsyncGenerator<WatchResponse, void> {
  const { timeoutMs } = client
  const stream: WatchStream = await client.connection.stream(watchMethod, { timeoutMs, signal: stop })
  // An error that comes after we left has nobody else to hear it.
  stream.on('error', ignore)
  const cancel = (): void => stream.cancel()
  stop.addEventListener('abort', cancel)
  const unconfirmed = setTimeout(cancel, timeoutMs)
  try {
    if (stop.aborted) stream.cancel()
    stream.write({ create_request: request })
    for await (const response of stream as AsyncIterable<WatchResponse>) {
      clearTimeout(unconfirmed)
      if (response.canceled) throw canceled(response)
      yield response
    }
  } finally {
    clearTimeout(unconfirmed)
    stop.removeEventListener('abort', cancel)
    stream.cancel()
  }
  throw new EtcdError('unavailable', 'etcd ended the watch')
}

function canceled({ compact_revision, cancel_reason }: WatchResponse): EtcdError {
  if (compact_revision !== '0' || cancel_reason.includes('compacted')) {
    return new EtcdError('compacted', `etcd has forgotten the changes before revision ${compact_revision}`)
  }
  const code = /token|auth/.test(cancel_reason) ? 'token-invalid' : 'unavailable'
  return new EtcdError(code, `etcd cancelled the watch: ${cancel_reason || 'no reason given'}`)
}

/** A watch from a revision that is yet to come waits for it silently: wrong if etcd's data was replaced by older data. */
async function checkNotSetBack(client: EtcdClient, { header }: WatchResponse, next: number): Promise<void> {
  if (Number(header.revision) >= next - 1) return
  // This member may only lag behind; a linearizable read asks the majority.
  const current = await client.range({ key: '\0', count_only: true })
  if (Number(current.header.revision) >= next - 1) return
  throw new EtcdError(
    'compacted',
    `etcd is at revision ${current.header.revision}, ${next - 1} was seen before: its data was replaced`,
  )
}

function* byRevision(events: readonly Event[]): Generator<EtcdBatch, void> {
  let batch: EtcdBatch | undefined
  for (const event of events) {
    const revision = Number(event.kv.mod_revision)
    if (batch?.revision !== revision) {
      if (batch !== undefined) yield batch
      batch = { revision, events: [] }
    }
    batch.events.push(event)
  }
  if (batch !== undefined) yield batch
}

function ignore(): void {
  // Heard by the loop where it matters.
}
