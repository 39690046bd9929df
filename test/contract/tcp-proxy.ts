import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A connection in the middle, for tests: it can be cut, or swallow the answers. */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #swallow = false

  private constructor(port: number) {
    this.#server = createServer(socket => this.#join(socket, connect(port, '127.0.0.1')))
  }

  /** Listens on a free port of loopback, in front of `port`. */
  static async to(port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get endpoint(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** From now on requests arrive and their answers do not. */
  swallowAnswers(): void {
    this.#swallow = true
  }

  /** Breaks every connection; new ones are whole again. */
  cut(): void {
    this.#swallow = false
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    this.#server.close()
    this.cut()
    await once(this.#server, 'close')
  }

  #join(client: Socket, server: Socket): void {
    client.on('data', data => server.write(data))
    server.on('data', data => this.#swallow || client.write(data))
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
  }
}
