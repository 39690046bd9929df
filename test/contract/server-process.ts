import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { waitUntil } from '../lab/processes/wait-until.ts'

/** A server that a test starts, kills and starts again. */
export class ServerProcess {
  readonly #name: string
  #child: ChildProcess | undefined

  /** @param name for messages. */
  constructor(name: string) {
    this.#name = name
  }

  /** Starts it and waits until `check` does not throw any more. */
  async start(command: readonly string[], check: () => Promise<unknown>): Promise<void> {
    // The kernel ends it even if this process dies without a chance to.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)))
    await waitUntil(`${this.#name} did not answer`, 30_000, async () => {
      if (child.exitCode !== null || child.signalCode !== null) return 'ended'
      await check()
      return 'answers'
    }).then(state => {
      if (state === 'ended') throw new Error(`${this.#name} ended while it started: ${said}`)
    })
  }

  /** Ends it as a crash would, and waits for the end. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child?.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
