import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Value } from 'typebox/value'
import { OvsdbConnection } from './ovsdb-connection.ts'
import { OvsdbError, ovsdbFailedBecause } from './ovsdb-error.ts'
import { type Operation, type OperationResult, TransactionResult } from './protocol.ts'
import { parseServerAddress, type ServerAddress } from './server-address.ts'

export interface OvsdbOptions {
  /** `unix:/run/openvswitch/db.sock` or `tcp:HOST:PORT`. */
  address: string
  /** Such as `Open_vSwitch`. */
  database: string
  /** Milliseconds in which a transaction, with the connecting that it needs, must be done; 10 000 if absent. */
  deadline?: number
}

/** Milliseconds between two attempts to reach a server that restarts. */
const pause = 100

/** The rows and counts that the operations of a transaction gave, in their order. */
export type Results = NonNullable<OperationResult>[]

/**
 * A client of an OVSDB server (RFC 7047) for short transactions. It connects at the first call and, when the server was
 * restarted, anew at the next; until the deadline it keeps trying.
 */
export class OvsdbClient {
  readonly #options: OvsdbOptions
  readonly #address: ServerAddress
  #connection: Promise<OvsdbConnection> | undefined

  /** @throws {RangeError} for an address of neither form */
  constructor(options: OvsdbOptions) {
    this.#options = options
    this.#address = parseServerAddress(options.address)
  }

  /**
   * Runs operations as one transaction: all of them or none. May be sent twice when the connection is lost before the
   * answer comes, so the operations must bear it.
   *
   * @throws {OvsdbError} `unreachable` and `deadline` name the server; `wait-timed-out` and `refused` the operation
   */
  async transact(operations: Operation[], call: { signal?: AbortSignal } = {}): Promise<Results> {
    const milliseconds = this.#options.deadline ?? 10_000
    const deadline = AbortSignal.timeout(milliseconds)
    const signal = call.signal ? AbortSignal.any([deadline, call.signal]) : deadline
    for (;;) {
      let failure: unknown
      try {
        return readResults(await this.#send(operations, signal))
      } catch (error) {
        failure = error
      }
      call.signal?.throwIfAborted()
      const away = ovsdbFailedBecause(failure, 'lost') || ovsdbFailedBecause(failure, 'unreachable')
      if (!away && !deadline.aborted) throw failure
      await delay(pause, undefined, { signal }).catch(() => undefined)
      call.signal?.throwIfAborted()
      if (deadline.aborted) throw this.#tooLate(failure, milliseconds)
    }
  }

  /** False when there is no such Unix socket: Open vSwitch does not run on this host. Of another host nothing is known. */
  isThere(): boolean {
    return !('path' in this.#address) || existsSync(this.#address.path)
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    connection?.close()
  }

  async #send(operations: Operation[], signal: AbortSignal): Promise<unknown> {
    const connection = await this.#connected(signal)
    return connection.request('transact', [this.#options.database, ...operations], signal)
  }

  async #connected(signal: AbortSignal): Promise<OvsdbConnection> {
    const seen = this.#connection
    const current = await seen?.catch(() => undefined)
    if (current && !current.closed) return current
    if (this.#connection !== seen) return this.#connected(signal)
    this.#connection = OvsdbConnection.open(this.#address, signal)
    // Whoever waits for it is told; alone it must not end the process.
    this.#connection.catch(() => undefined)
    return this.#connection
  }

  #tooLate(failure: unknown, milliseconds: number): OvsdbError {
    const { address } = this.#options
    if (ovsdbFailedBecause(failure, 'unreachable') || ovsdbFailedBecause(failure, 'lost')) {
      const check = 'check that ovsdb-server runs and that [binding] ovsdb_connection is its address'
      return new OvsdbError('unreachable', `no OVSDB server at ${address}: ${failure.message}; ${check}`, {
        cause: failure,
      })
    }
    return new OvsdbError('deadline', `the OVSDB server at ${address} did not answer within ${milliseconds} ms`)
  }
}

/** A transaction of which one operation failed has had no effect; the server may add an error of the whole at the end. */
function readResults(answer: unknown): Results {
  let results: OperationResult[]
  try {
    results = Value.Parse(TransactionResult, answer)
  } catch (cause) {
    throw new OvsdbError('malformed', `expected the results of a transaction, got ${JSON.stringify(answer)}`, { cause })
  }
  const operation = results.findIndex(result => result?.error !== undefined)
  const failed = results[operation]
  if (failed?.error === undefined) return results.filter(result => result !== null)
  const failure = failed.error === 'timed out' ? 'wait-timed-out' : 'refused'
  const details = failed.details === undefined ? '' : `: ${failed.details}`
  throw new OvsdbError(failure, `OVSDB refused operation ${operation}: ${failed.error}${details}`, { operation })
}
