import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccessServices, FloatingIp, FloatingIpCreate } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { floatingAddressOf, type PublicAddress } from './floating-address.ts'

const waiting = { pause: 15, patience: 5000 }
const subnet = { id: 's', network_id: 'n', cidr: '10.9.0.0/24', gateway_ip: '10.9.0.1' } as Subnet
const dockerNetwork = { dockerId: 'd'.repeat(64), publish: { by: 'floating-ip' } } as DockerNetwork

/** Floating IPs as Neutron keeps them, each request as slow as it is told. */
class Cloud {
  readonly floatingIps = new Map<string, FloatingIp>()
  readonly #slowness: () => number
  #last = 0

  constructor(slowness: () => number) {
    this.#slowness = slowness
  }

  get access(): Pick<AccessServices, 'floatingIps' | 'routers'> {
    const floatingIps = {
      list: async () => {
        await this.#wait()
        const found = [...this.floatingIps.values()].filter(({ tags }) => tags.length > 0)
        await this.#wait()
        return found.map(one => ({ ...one }))
      },
      // As with OpenStack, the tags come with a second request.
      create: async ({ tags = [], floating_network_id, description = '' }: FloatingIpCreate) => {
        await this.#wait()
        const made = this.add(floating_network_id, description)
        await this.#wait()
        made.tags.push(...tags)
        await this.#wait()
        return { ...made }
      },
      delete: async (id: string) => {
        await this.#wait()
        if (this.floatingIps.get(id)?.router_id) throw new NeutronError('Conflict', 'in use by Port Forwarding')
        if (!this.floatingIps.delete(id)) throw new NeutronError('FloatingIPNotFound', id)
      },
    } as unknown as AccessServices['floatingIps']
    const gateway = { id: 'r', name: 'r', external_gateway_info: { network_id: 'outside' } }
    return { floatingIps, routers: { show: () => Promise.resolve(gateway), list: () => Promise.resolve([gateway]) } }
  }

  add(floating_network_id: string, description: string, tags: string[] = []): FloatingIp {
    this.#last += 1
    // In no order: so are Neutron's.
    const id = `${(this.#last * 7) % 10}-${this.#last}`
    const made: FloatingIp = {
      ...{ id, description, tags, floating_network_id, project_id: 'p', status: 'DOWN', port_forwardings: [] },
      ...{ floating_ip_address: `203.0.113.${this.#last}`, port_id: null, router_id: null },
      created_at: new Date().toISOString(),
    }
    this.floatingIps.set(id, made)
    return made
  }

  /** As its first port forwarding does. */
  async publish({ id }: PublicAddress): Promise<void> {
    await this.#wait()
    const floatingIp = this.floatingIps.get(id)
    if (!floatingIp) throw new NeutronError('FloatingIPNotFound', id)
    floatingIp.router_id = 'r'
  }

  async #wait(): Promise<void> {
    await delay(this.#slowness())
  }
}

const router = { device_id: 'r', fixed_ips: [{ subnet_id: 's', ip_address: '10.9.0.1' }] } as Port
const neutron = { ports: { list: () => Promise.resolve([router]) } } as unknown as Parameters<
  typeof floatingAddressOf
>[0]['neutron']

/** As `publishPorts` does, which looks again where another host has just given up the floating IP. */
async function start(cloud: Cloud, host: string, patience = waiting): Promise<PublicAddress> {
  const parts = { neutron, access: cloud.access, host, waiting: patience }
  for (let look = 1; ; look += 1) {
    const at = await floatingAddressOf(parts, { dockerNetwork, subnet }, {})
    try {
      await cloud.publish(at)
      return at
    } catch (error) {
      if (look === 3 || !(error instanceof NeutronError)) throw error
    }
  }
}

describe('hosts that need the floating IP of a network at the same moment', () => {
  it('publish on one and the same, and the others’ are gone', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 10, maxLength: 60 }), async delays => {
        let turn = 0
        const cloud = new Cloud(() => delays[turn++ % delays.length] ?? 0)
        const places = await Promise.all(['a', 'b', 'c'].map(host => start(cloud, host)))
        expect(new Set(places.map(({ id }) => id)).size).toBe(1)
        expect([...cloud.floatingIps.keys()]).toEqual([places[0]?.id])
      }),
      { numRuns: 20 },
    ))

  it('do not wait for one that died a while ago', async () => {
    const cloud = new Cloud(() => 0)
    for (const floatingIp of [cloud.add('outside', '', ['d']), cloud.add('outside', '', ['d'])]) {
      floatingIp.created_at = '2020-01-01T00:00:00Z'
    }
    const forEver = { pause: 1, patience: Infinity }
    const [one, other] = await Promise.all([start(cloud, 'a', forEver), start(cloud, 'b', forEver)])
    expect(one.id).toBe(other.id)
  })

  it('take the one that is in use, whatever its id', async () => {
    const cloud = new Cloud(() => 0)
    cloud.add('outside', '', ['d'])
    const used = cloud.add('outside', '', ['d'])
    await cloud.publish({ id: used.id, address: used.floating_ip_address })
    cloud.add('outside', '', ['d'])
    expect((await start(cloud, 'a')).address).toBe('203.0.113.2')
  })
})
