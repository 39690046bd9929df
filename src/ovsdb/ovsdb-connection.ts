import { connect, type Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import { Value } from 'typebox/value'
import { JsonTexts } from './json-texts.ts'
import { OvsdbError } from './ovsdb-error.ts'
import { ServerMessage } from './protocol.ts'
import type { ServerAddress } from './server-address.ts'

/** One JSON-RPC connection to an OVSDB server. Its end rejects all that waits for an answer. */
export class OvsdbConnection {
  readonly #socket: Socket
  readonly #texts = new JsonTexts()
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  #nextId = 1
  #closed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    const decoder = new StringDecoder('utf8')
    socket.on('data', chunk => this.#take(decoder.write(chunk)))
    socket.on('error', error => this.#end(error.message))
    socket.on('close', () => this.#end('the server closed it'))
    // A daemon that has nothing else to do may end.
    socket.unref()
  }

  /** @throws {OvsdbError} `unreachable` */
  static async open(address: ServerAddress, signal: AbortSignal): Promise<OvsdbConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const socket = connect(address)
    const refuse = (why: string): void => {
      socket.destroy()
      reject(new OvsdbError('unreachable', why))
    }
    const abort = (): void => refuse('it did not answer in time')
    signal.addEventListener('abort', abort, { once: true })
    socket.once('connect', () => resolve(undefined))
    socket.once('error', error => refuse(error.message))
    try {
      signal.throwIfAborted()
      await promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
    return new OvsdbConnection(socket)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Sends a request and returns its `result`. @throws {OvsdbError} `lost`, `refused`, or what `signal` aborts with */
  request(method: string, params: unknown[], signal: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (this.#closed) throw new OvsdbError('lost', 'the connection to the OVSDB server is closed')
    signal.throwIfAborted()
    const id = this.#nextId++
    const abort = (): void => {
      this.#waiting.delete(id)
      if (method === 'transact') this.#send({ method: 'cancel', params: [id], id: null })
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#waiting.set(id, { resolve, reject })
    this.#socket.ref()
    this.#send({ method, params, id })
    return promise.finally(() => {
      signal.removeEventListener('abort', abort)
      if (this.#waiting.size === 0) this.#socket.unref()
    })
  }

  close(): void {
    this.#end('it was closed')
  }

  #take(text: string): void {
    try {
      for (const one of this.#texts.take(text)) this.#dispatch(Value.Parse(ServerMessage, JSON.parse(one)))
    } catch (error) {
      this.#end(`the server sent what is not OVSDB's: ${String(error)}`)
    }
  }

  #dispatch(message: ServerMessage): void {
    if (message.method === 'echo') {
      // Unanswered, the server would close the connection as dead.
      this.#send({ id: message.id ?? null, result: message.params ?? [], error: null })
      return
    }
    if (typeof message.id !== 'number') return
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.error === null || message.error === undefined) waiting?.resolve(message.result)
    else waiting?.reject(new OvsdbError('refused', `the OVSDB server refused: ${JSON.stringify(message.error)}`))
  }

  #send(message: unknown): void {
    if (!this.#closed) this.#socket.write(JSON.stringify(message))
  }

  #end(why: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.destroy()
    const error = new OvsdbError('lost', `the connection to the OVSDB server ended: ${why}`)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
