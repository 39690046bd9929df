import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containsAddress, parseCidr } from '../../src/addressing/cidr.ts'
import { parseIpAddress } from '../../src/addressing/ip-address.ts'
import { NeutronError } from '../../src/neutron/errors.ts'
import type { Port, Subnet } from '../../src/neutron/resources.ts'
import type { NeutronService } from '../../src/neutron-service/neutron-service.ts'
import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import type { Store } from '../../src/store/store.ts'
import { etcdStore, silentLog, sqliteStore, type TestStore } from './neutron-stores.ts'

const hosts = 3
/** Small blocks, so that exhaustion and conflicts are common. */
const cidrs = ['10.0.0.0/29', '10.0.0.16/28', 'fd00::/125'] as const

type Act =
  | { type: 'create'; subnet: number; address?: string }
  | { type: 'delete'; port: number }
  | { type: 'move'; port: number; subnet: number }
  | { type: 'delete subnet'; subnet: number }

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('create' as const), subnet: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('create' as const),
      subnet: fc.constant(0),
      address: fc.integer({ min: 0, max: 8 }).map(last => `10.0.0.${last}`),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('delete' as const), port: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('move' as const), port: fc.nat(40), subnet: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete subnet' as const), subnet: fc.nat(2) }) },
)

/** Rounds of acts; the acts of one round run at once, each on the host of its place. */
const rounds = fc.array(fc.array(act, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 6 })

async function withServices(store: Store, use: (services: NeutronService[]) => Promise<void>): Promise<void> {
  const services = Array.from({ length: hosts }, (_, at) =>
    openNeutronService({ store, host: `host-${at}`, log: silentLog, defaultMtu: 1450 }),
  )
  try {
    await use(services)
  } finally {
    await Promise.all(services.map(service => service.close()))
  }
}

/** The world as the calls' answers say it is: ports by id, and the subnets that are still there. */
interface Oracle {
  networkId: string
  subnets: Subnet[]
  gone: Set<string>
  ports: Map<string, Port>
  /** Ports that asked for their address: it may be outside of the allocation pools. */
  asked: Set<string>
}

async function perform(service: NeutronService, oracle: Oracle, wanted: Act): Promise<void> {
  const target = (place: number): Port | undefined => [...oracle.ports.values()][place % Math.max(1, oracle.ports.size)]
  const subnetOf = (place: number): string => oracle.subnets[place]?.id ?? ''
  if (wanted.type === 'create') {
    const fixed = {
      subnet_id: subnetOf(wanted.subnet),
      ...(wanted.address !== undefined && { ip_address: wanted.address }),
    }
    const port = await service.ports.create({ network_id: oracle.networkId, fixed_ips: [fixed] })
    oracle.ports.set(port.id, port)
    if (wanted.address !== undefined) oracle.asked.add(port.id)
  } else if (wanted.type === 'delete subnet') {
    await service.subnets.delete(subnetOf(wanted.subnet))
    oracle.gone.add(subnetOf(wanted.subnet))
  } else {
    const port = target(wanted.port)
    if (!port) return
    if (wanted.type === 'delete') {
      await service.ports.delete(port.id)
      oracle.ports.delete(port.id)
    } else {
      const moved = await service.ports.update(port.id, { fixed_ips: [{ subnet_id: subnetOf(wanted.subnet) }] })
      if (oracle.ports.has(port.id)) oracle.ports.set(port.id, moved)
    }
  }
}

const refusals = new Set([
  'IpAddressGenerationFailure',
  'IpAddressAlreadyAllocated',
  'InvalidIpForSubnet',
  'PortNotFound',
  'SubnetNotFound',
  'SubnetInUse',
])

async function performOrRefuse(service: NeutronService, oracle: Oracle, wanted: Act): Promise<void> {
  try {
    await perform(service, oracle, wanted)
  } catch (error) {
    if (!(error instanceof NeutronError) || !refusals.has(error.type)) throw error
  }
}

/** No address twice, none outside of its subnet's pools (unless asked for), every claim a port's and the reverse. */
async function checkWorld(service: NeutronService, store: Store, oracle: Oracle): Promise<void> {
  const ports = await service.ports.list({ network_id: oracle.networkId })
  expect(new Set(ports.map(({ id }) => id))).toEqual(new Set(oracle.ports.keys()))
  const held = ports.flatMap(port => port.fixed_ips.map(fixed => `addresses/${fixed.subnet_id}/${fixed.ip_address}`))
  expect(new Set(held).size).toBe(held.length)
  const claimed = (await store.range('addresses/')).entries.map(({ key }) => key)
  expect(new Set(claimed)).toEqual(new Set(held))
  for (const { id, fixed_ips } of ports) {
    for (const { subnet_id, ip_address } of fixed_ips) {
      const subnet = oracle.subnets.find(({ id }) => id === subnet_id)
      expect(oracle.gone.has(subnet_id)).toBe(false)
      if (!oracle.asked.has(id)) expect(ip_address).not.toBe(subnet?.gateway_ip)
      expect(containsAddress(parseCidr(subnet?.cidr ?? ''), parseIpAddress(ip_address))).toBe(true)
    }
  }
}

/** After all ports are gone every address can be given out again, and then no more. */
async function checkNoneLost(service: NeutronService, store: Store, oracle: Oracle): Promise<void> {
  for (const { id } of await service.ports.list({ network_id: oracle.networkId })) await service.ports.delete(id)
  expect((await store.range('addresses/')).entries).toEqual([])
  const [first] = oracle.subnets
  if (first && !oracle.gone.has(first.id)) {
    const fixed_ips = [{ subnet_id: first.id }]
    const given = []
    for (let count = 0; count < 5; count += 1) {
      given.push((await service.ports.create({ network_id: oracle.networkId, fixed_ips })).fixed_ips[0]?.ip_address)
    }
    expect(given.sort()).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6'])
    await expect(service.ports.create({ network_id: oracle.networkId, fixed_ips })).rejects.toMatchObject({
      type: 'IpAddressGenerationFailure',
    })
    for (const { id } of await service.ports.list({ network_id: oracle.networkId })) await service.ports.delete(id)
  }
  await service.networks.delete(oracle.networkId)
  const left = (await store.range('')).entries
    .map(({ key }) => key)
    .filter(key => key !== 'head' && key !== 'generation')
  expect(left).toEqual([])
}

async function play(services: NeutronService[], store: Store, script: Act[][]): Promise<void> {
  const [first] = services
  if (!first) throw new Error('expected at least one service')
  const { id: networkId } = await first.networks.create({})
  const subnets: Subnet[] = []
  for (const cidr of cidrs)
    subnets.push(await first.subnets.create({ network_id: networkId, cidr, enable_dhcp: false }))
  const oracle: Oracle = { networkId, subnets, gone: new Set(), ports: new Map(), asked: new Set() }
  for (const round of script) {
    await Promise.all(round.map((wanted, at) => performOrRefuse(services[at % hosts] ?? first, oracle, wanted)))
    await checkWorld(services[round.length % hosts] ?? first, store, oracle)
  }
  await checkNoneLost(first, store, oracle)
}

async function playAll({ store, remove }: TestStore, numRuns: number): Promise<void> {
  try {
    await withServices(store, services =>
      fc.assert(
        fc.asyncProperty(rounds, script => play(services, store, script)),
        { numRuns, endOnFailure: true },
      ),
    )
  } finally {
    await remove()
  }
}

describe(`${hosts} hosts that allocate at once never give an address twice and never lose one`, () => {
  it('on SQLite', async () => playAll(await sqliteStore(), 150), 120_000)
  it('on etcd', async () => playAll(await etcdStore(), 40), 180_000)
})
