import { Client, credentials } from '@grpc/grpc-js'

/** etcd over a bare gRPC connection, with messages made by hand: the least that anything on top of it can cost. */
export class BareEtcd {
  readonly #client: Client

  /** @param endpoint `host:port` */
  constructor(endpoint: string) {
    this.#client = new Client(endpoint, credentials.createInsecure())
  }

  put(key: string, value: string): Promise<unknown> {
    return this.#call('Put', Buffer.concat([textField(1, key), textField(2, value)]))
  }

  range(key: string): Promise<unknown> {
    return this.#call('Range', textField(1, key))
  }

  /** Watches one key: calls back for each answer of etcd, the first of which says that the watch stands. */
  watch(key: string, onAnswer: () => void): void {
    const stream = this.#client.makeBidiStreamRequest('/etcdserverpb.Watch/Watch', asIs, asIs)
    stream.on('data', onAnswer).on('error', () => undefined)
    stream.write(bytesField(1, textField(1, key)))
  }

  close(): void {
    this.#client.close()
  }

  #call(method: string, message: Buffer): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const path = `/etcdserverpb.KV/${method}`
      this.#client.makeUnaryRequest(path, asIs, asIs, message, (error, answer) =>
        error ? reject(error) : resolve(answer),
      )
    })
  }
}

function asIs(bytes: Buffer): Buffer {
  return bytes
}

function textField(number: number, text: string): Buffer {
  return bytesField(number, Buffer.from(text))
}

/** A field of protocol buffers that has a length: its tag, the length (up to 16383), and the bytes. */
function bytesField(number: number, bytes: Buffer): Buffer {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes])
}
