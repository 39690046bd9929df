import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { CallHandling, CallReport } from './call-handling.ts'
import type { IpamDriver, NetworkDriver } from './drivers.ts'
import type { OperatorRoute } from './operator-routes.ts'
import { isLoopback, parsePluginAddress, type PluginAddress } from './plugin-address.ts'
import { pluginRoutes } from './plugin-routes.ts'
import { type PlacedSocket, placeSocket } from './plugin-socket.ts'
import { RunningCalls } from './running-calls.ts'

/** Paths of PEM files: the server's certificate and key, and the authority that client certificates must come from. */
export interface PluginTls {
  certFile: string
  keyFile: string
  caFile: string
}

/** What the plugin server is made of. */
export interface PluginServerOptions {
  networkDriver: NetworkDriver
  ipamDriver: IpamDriver
  log: Logger
  /** Seconds that a call may take before its signal aborts. */
  callTimeout: number
  /** Seconds that an aborted call has to take back what it did before it is answered anyway. Default 5. */
  undoTime?: number
  /** Seconds that {@link PluginServer.close} lets running calls go on before it aborts them. Default 10. */
  closeGrace?: number
  /** Told of each finished call; must not throw. */
  onCall?: (report: CallReport) => void
  /** What operators ask over the same socket, as `kuryr status` does. */
  operatorRoutes?: readonly OperatorRoute[]
  /** Needed for any TCP address that is not loopback; used on every TCP address when given. */
  tls?: PluginTls
}

/** The plugin as Docker sees it. */
export interface PluginServer {
  /**
   * Listens on `unix:///path`, `http://host:port` or `https://host:port`; answers the address with the true port.
   * @throws {Error} when the address is malformed, in use, or leaves loopback without TLS.
   */
  listen(uri: string): Promise<string>
  /** Takes no new calls, lets running ones end, aborts them after a grace period, sends all answers, removes our socket. */
  close(): Promise<void>
}

interface Listener {
  server: Server
  socket?: PlacedSocket
}

/** Makes a server for Docker's plugin protocol; it does nothing until {@link PluginServer.listen}. */
export function openPluginServer(options: PluginServerOptions): PluginServer {
  const calls = new RunningCalls()
  const undoTime = options.undoTime ?? 5
  const handling: CallHandling = {
    drivers: { networkDriver: options.networkDriver, ipamDriver: options.ipamDriver },
    log: options.log,
    callTimeout: options.callTimeout,
    undoTime,
    onCall: options.onCall ?? (() => undefined),
  }
  const listeners: Listener[] = []
  let closing = false
  return {
    async listen(uri) {
      const address = parsePluginAddress(uri)
      const makeServer = await serverFor(address, options.tls)
      const routes = await pluginRoutes({
        handling,
        calls,
        isClosing: () => closing,
        makeServer,
        operatorRoutes: options.operatorRoutes ?? [],
      })
      const listener = await startListening(routes, address)
      listeners.push(listener)
      options.log.info({ uri }, 'listening for Docker')
      return address.kind === 'unix' ? uri : boundUri(uri, listener.server)
    },
    async close() {
      closing = true
      await Promise.all(listeners.map(async ({ socket }) => socket?.remove()))
      const closed = listeners.map(async ({ server }) => stopListening(server))
      if (!(await calls.drained(options.closeGrace ?? 10))) {
        options.log.warn({ calls: calls.count }, 'aborting the calls that are still running')
        calls.abortAll('the daemon is stopping; try again when it is back')
        await calls.drained(undoTime + 1)
      }
      for (const { server } of listeners) server.closeAllConnections()
      await Promise.all(closed)
    },
  }
}

async function startListening(server: Server, address: PluginAddress): Promise<Listener> {
  const bind = async (where: { path: string } | { host: string; port: number }): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    server.once('error', reject)
    server.listen(where, () => resolve(undefined))
    await promise
    server.off('error', reject)
  }
  if (address.kind === 'tcp') {
    await bind({ host: address.host, port: address.port })
    return { server }
  }
  try {
    return { server, socket: await placeSocket(address.path, async path => bind({ path })) }
  } catch (error) {
    server.close()
    throw error
  }
}

/** Connections that are idle end at once: Docker dials anew, and repeats a refused dial, with the whole body, for 15 s. */
async function stopListening(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  server.close(() => resolve(undefined))
  server.closeIdleConnections()
  await promise
}

function boundUri(uri: string, server: Server): string {
  const url = new URL(uri)
  url.port = String((server.address() as AddressInfo).port)
  return url.href.replace(/\/$/, '')
}

/**
 * Idle connections are never closed from our side: Docker sending at that moment would see a broken connection and repeat
 * the call with an empty body.
 */
const httpOptions = { keepAliveTimeout: 0, requestTimeout: 60_000, headersTimeout: 30_000 }

async function serverFor(
  address: PluginAddress,
  tls: PluginTls | undefined,
): Promise<(listener: RequestListener) => Server> {
  if (address.kind === 'unix') return listener => createServer(httpOptions, listener)
  if (tls === undefined) {
    if (!address.tls && isLoopback(address.host)) return listener => createServer(httpOptions, listener)
    throw new Error(
      `refusing to listen on ${address.host}:${address.port} without TLS: whoever reaches the plugin commands the host's network; give a certificate, its key and the authority of client certificates, or listen on unix:///run/docker/plugins/kuryr.sock or 127.0.0.1`,
    )
  }
  const [cert, key, ca] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile), readFile(tls.caFile)])
  const tlsOptions = {
    ...httpOptions,
    cert,
    key,
    ca,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
  }
  return listener => createTlsServer(tlsOptions, listener)
}
