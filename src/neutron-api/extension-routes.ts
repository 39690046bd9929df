import { NeutronError } from '../neutron/errors.ts'
import type { ApiContext } from './api-context.ts'
import { pathParameter, type Route } from './route.ts'

/** `/v2.0/extensions` and each by its alias: clients ask here what the service can do. */
export function extensionRoutes({ neutron, call }: ApiContext): Route[] {
  return [
    {
      path: '/v2.0/extensions',
      handlers: { GET: async () => ({ extensions: await neutron.extensions(call()) }) },
    },
    {
      path: '/v2.0/extensions/:alias',
      handlers: {
        GET: async request => {
          const alias = pathParameter(request, 'alias')
          const extension = (await neutron.extensions(call())).find(offered => offered.alias === alias)
          if (extension === undefined)
            throw new NeutronError('HTTPNotFound', `Extension with alias ${alias} does not exist`)
          return { extension }
        },
      },
    },
  ]
}
