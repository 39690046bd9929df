import { baseUrl } from './request-url.ts'
import type { WireNames } from './request-body.ts'
import type { Route } from './route.ts'

/** `GET /`: the versions, from which keystoneauth finds `/v2.0/`; `GET /v2.0/`: the resources of that version. */
export function versionRoutes(resources: readonly WireNames[]): Route[] {
  return [
    {
      path: '/',
      handlers: {
        GET: request => ({
          versions: [{ id: 'v2.0', status: 'CURRENT', links: [self(`${baseUrl(request)}v2.0/`)] }],
        }),
      },
    },
    {
      path: '/v2.0',
      handlers: {
        GET: request => ({
          resources: resources.map(({ singular, plural }) => ({
            name: singular,
            collection: plural,
            links: [self(`${baseUrl(request)}v2.0/${plural}`)],
          })),
        }),
      },
    },
  ]
}

function self(href: string): { rel: 'self'; href: string } {
  return { rel: 'self', href }
}
