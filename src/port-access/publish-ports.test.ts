import { pino } from 'pino'
import { expect, it } from 'vitest'
import { RetryLater } from '../concurrency/retry-later.ts'
import type { AccessServices, FloatingIp, PortForwardingCreate } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Port } from '../neutron/resources.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { publishPorts } from './publish-ports.ts'
import { openPublishing } from './publishing-context.ts'

const log = pino({ level: 'silent' })
const subnet = { id: 's', ip_version: 4 }
const dockerNetwork = { dockerId: 'd'.repeat(64), publish: { by: 'floating-ip' }, subnets: [subnet] } as DockerNetwork
const port = { id: 'p', fixed_ips: [{ subnet_id: 's', ip_address: '10.9.0.5' }] } as Port
const web = { protocol: 'tcp', port: 80, range: { first: 8080, last: 8080 }, anyPort: false, hostAddress: '' } as const

/** At each look another floating IP is there; port forwardings are made only on the last. */
function accessOf(looks: string[]): { access: AccessServices; asked: string[] } {
  const asked: string[] = []
  const last = looks.at(-1)
  const list = (): Promise<FloatingIp[]> => {
    const id = looks.length > 1 ? looks.shift() : looks[0]
    return Promise.resolve([{ id, floating_ip_address: `of ${id ?? ''}`, router_id: null } as FloatingIp])
  }
  const portForwardings = (id: string) => ({
    create(body: PortForwardingCreate) {
      asked.push(id)
      if (id !== last) return Promise.reject(new NeutronError('FloatingIPNotFound', id))
      return Promise.resolve({ ...body, id: 'forwarding' })
    },
  })
  return { access: { floatingIps: { list }, portForwardings } as unknown as AccessServices, asked }
}

it.each([
  ['once', ['gone', 'there'], ['gone', 'there']],
  ['twice', ['gone', 'gone too', 'there'], ['gone', 'gone too', 'there']],
])(
  'a floating IP that another host gives up %s before a port is published on it is looked for again',
  async (_, looks, expected) => {
    const { access, asked } = accessOf(looks)
    const neutron = { ports: {}, extensions: () => Promise.resolve([]) } as never
    const later = new RetryLater({ isFinal: () => true, log })
    const context = openPublishing({ neutron, access, host: 'a', later })
    const call = { signal: AbortSignal.timeout(5000), log }
    await publishPorts(context, { dockerNetwork, endpointId: 'e', port, ports: [web] }, call)
    expect(asked).toEqual(expected)
    expect(context.published.get('e')).toEqual({ floatingIpId: 'there', forwardingIds: ['forwarding'] })
    await later.close()
  },
)
