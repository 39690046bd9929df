import { fastify } from 'fastify'
import type { Logger } from 'pino'
import { parseHostPort } from '../config/address-types.ts'

/** Where a Prometheus reads what is counted; nothing else is answered there. */
export interface MetricsServer {
  /** The address with the true port. */
  address: string
  close(): Promise<void>
}

/**
 * Serves `GET /metrics` on a TCP address, since a Prometheus reads no unix sockets.
 *
 * @throws {Error} when the address is malformed or in use.
 */
export async function serveMetrics(
  bind: string,
  { text, log }: { text: () => Promise<string>; log: Logger },
): Promise<MetricsServer> {
  const place = parseHostPort(bind)
  if (!place) throw new Error(`[DEFAULT] metrics_bind: expected host:port, such as 127.0.0.1:9697, got ${bind}`)
  const app = fastify({ forceCloseConnections: true })
  app.get('/metrics', async (_request, reply) => {
    reply.type('text/plain; version=0.0.4; charset=utf-8')
    return text()
  })
  const address = await app.listen(place)
  log.info({ address }, 'serving metrics')
  return { address, close: async () => app.close() }
}
