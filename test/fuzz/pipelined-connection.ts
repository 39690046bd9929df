import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An HTTP answer, as far as a plugin's caller looks at it. */
export interface HttpAnswer {
  status: number
  contentType: string
  text: string
}

/**
 * A keep-alive connection over a Unix socket that sends many requests before it reads their answers: the quickest way to
 * call a plugin very often.
 */
export class PipelinedConnection implements Disposable {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #waiting: { answers: HttpAnswer[]; count: number; resolve: (answers: HttpAnswer[]) => void } | undefined
  #fail: (error: Error) => void = () => undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', chunk => this.#take(chunk))
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the plugin closed the connection')))
  }

  static async open(socketPath: string): Promise<PipelinedConnection> {
    const socket = connect(socketPath)
    await once(socket, 'connect')
    return new PipelinedConnection(socket)
  }

  /** Sends all bodies to one method and gives the answers in their order; rejects when the connection breaks. */
  async call(method: string, bodies: readonly Buffer[]): Promise<HttpAnswer[]> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer[]>()
    this.#waiting = { answers: [], count: bodies.length, resolve }
    this.#fail = reject
    this.#socket.write(Buffer.concat(bodies.flatMap(body => [head(method, body.length), body])))
    return promise
  }

  [Symbol.dispose](): void {
    this.#fail = () => undefined
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const waiting = this.#waiting
    if (waiting === undefined) return
    let read = answerIn(this.#received)
    while (read !== undefined) {
      waiting.answers.push(read.answer)
      this.#received = this.#received.subarray(read.length)
      read = answerIn(this.#received)
    }
    if (waiting.answers.length < waiting.count) return
    this.#waiting = undefined
    waiting.resolve(waiting.answers)
  }
}

function head(method: string, length: number): Buffer {
  return Buffer.from(`POST /${method} HTTP/1.1\r\nHost: plugin\r\nContent-Length: ${length}\r\n\r\n`, 'latin1')
}

function answerIn(bytes: Buffer): { answer: HttpAnswer; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const headers = bytes.toString('latin1', 0, end)
  const [, contentLength] = /\r\ncontent-length: (\d+)/i.exec(headers) ?? []
  if (contentLength === undefined) throw new Error(`expected an answer with a length, got ${headers}`)
  const length = end + 4 + Number(contentLength)
  if (bytes.length < length) return undefined
  const [, contentType = ''] = /\r\ncontent-type: ([^\r]*)/i.exec(headers) ?? []
  return {
    answer: { status: Number(headers.slice(9, 12)), contentType, text: bytes.toString('utf8', end + 4, length) },
    length,
  }
}
