import type { FastifyBaseLogger } from 'fastify'
import type { Neutron } from '../neutron/neutron.ts'
import { browserGate, tokenGate } from './access.ts'
import type { ApiContext } from './api-context.ts'
import { extensionRoutes } from './extension-routes.ts'
import { readListenAddress } from './listen-address.ts'
import { openApiRoute } from './openapi.ts'
import { quotaRoutes } from './quota-routes.ts'
import { resourceRoutes } from './resource-routes.ts'
import { servedResources } from './resources/served-resources.ts'
import { addRoute, type Route } from './route.ts'
import { securityGroupRoutes } from './security-group-routes.ts'
import { makeServer } from './server.ts'
import { versionRoutes } from './version-routes.ts'

export interface NeutronApiOptions {
  /** What is served: the embedded network service, or any other. */
  neutron: Neutron
  log: FastifyBaseLogger
  /** What every request must send as `X-Auth-Token`. Without it the server listens on loopback addresses only. */
  token?: string
  /** How long one call of `neutron` may take, in milliseconds; then the client gets 503. */
  callTimeoutMs?: number
}

/** A `Neutron` served over REST at `/v2.0`, as OpenStack's clients speak it. */
export interface NeutronApi {
  /**
   * Listens on `127.0.0.1:9696`, `[::1]:9696` or `localhost:9696` (port 0: any free one), and resolves to the URL.
   * @throws Error for an address that other machines reach, unless there is a token.
   */
  listen(address: string): Promise<string>
  /** Stops listening, lets running requests end, and resolves when all are gone. */
  close(): Promise<void>
}

/** Opens the REST API of `neutron`. It listens only when told to. @throws Error for an empty token. */
export function openNeutronApi({ neutron, log, token, callTimeoutMs = 60_000 }: NeutronApiOptions): NeutronApi {
  if (token === '') throw new Error('neutron API: the token is empty; give one, or none at all for loopback only')
  const server = makeServer({ log, gate: token === undefined ? browserGate : tokenGate(token) })
  const context: ApiContext = { neutron, call: () => ({ signal: AbortSignal.timeout(callTimeoutMs) }) }
  for (const route of routes(context)) addRoute(server, route)
  return {
    listen: async address => {
      const { host, port, loopback } = readListenAddress(address)
      if (!loopback && token === undefined)
        throw new Error(
          `neutron API: '${address}' is reachable from other machines, and there is no token: ` +
            'listen on 127.0.0.1, or set a token',
        )
      return server.listen({ host, port })
    },
    close: async () => server.close(),
  }
}

function routes(context: ApiContext): Route[] {
  const resources = servedResources(context.neutron)
  return [
    ...versionRoutes(resources),
    ...extensionRoutes(context),
    ...resources.flatMap(resource => resourceRoutes(resource, context)),
    ...quotaRoutes(),
    ...securityGroupRoutes(),
    openApiRoute(resources),
  ]
}
