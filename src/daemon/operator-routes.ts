import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { OperatorRoute } from '../docker-plugin/operator-routes.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { NetworkSharing } from '../network-sharing/network-sharing.ts'
import type { ConfiguredSharing } from './network-sharing.ts'
import type { Metrics } from './metrics.ts'

export interface OperatorSources extends ConfiguredSharing {
  metrics: Metrics
  status: () => Promise<object>
  /** Every published port; `undefined` where the network service cannot publish any. */
  publishedPorts: (() => Promise<object[]>) | undefined
}

const RemoveHost = Compile(Type.Object({ force: Type.Optional(Type.Boolean()) }))

/** What `kuryr status`, `kuryr network`, `kuryr host` and a Prometheus ask of the daemon. */
export function operatorRoutes(sources: OperatorSources): OperatorRoute[] {
  const { metrics, status, sharing } = sources
  return [
    { method: 'GET', path: '/kuryr/status', answer: () => status() },
    { method: 'GET', path: '/kuryr/metrics', answer: () => metrics.text(sharing?.status()) },
    {
      method: 'GET',
      path: '/kuryr/networks',
      answer: async () => ({ networks: await expectSharing(sources).networks() }),
    },
    { method: 'GET', path: '/kuryr/ports', answer: async () => ({ ports: await portsOf(sources) }) },
    { method: 'GET', path: '/kuryr/hosts', answer: () => Promise.resolve({ hosts: expectSharing(sources).hosts() }) },
    {
      method: 'POST',
      path: '/kuryr/hosts/:host/remove',
      answer: ({ parameters, body }) => removeHost(expectSharing(sources), parameters.host ?? '', body),
    },
  ]
}

/** @throws {PluginError} */
async function portsOf({ publishedPorts }: OperatorSources): Promise<object[]> {
  if (publishedPorts) return publishedPorts()
  throw new PluginError(
    409,
    'ports are published by floating IPs of OpenStack only: with the embedded Neutron, containers are reached at their own addresses',
  )
}

async function removeHost(sharing: NetworkSharing, host: string, body: unknown = {}): Promise<object> {
  if (!RemoveHost.Check(body)) throw new PluginError(400, 'expected a body {"force": true} or none')
  try {
    return await sharing.removeHost(host, { force: body.force ?? false })
  } catch (error) {
    if (error instanceof RangeError) throw new PluginError(409, error.message, { cause: error })
    throw error
  }
}

/** @throws {PluginError} */
function expectSharing({ sharing, reason }: ConfiguredSharing): NetworkSharing {
  if (sharing) return sharing
  throw new PluginError(409, `this host does not share networks: ${reason}`)
}
