import { describe, expect, it } from 'vitest'
import { NeutronError } from '../../../src/neutron/errors.ts'
import { dockerIdTags } from '../../../src/ownership/marks.ts'
import { dockerId, type EndpointRecord, nth, plainAddress } from './docker.ts'
import { interposed } from './interposed.ts'
import { isRoot } from './namespaces.ts'
import { addPort, operate } from './operator.ts'
import { refusal } from './refusals.ts'
import { contentOf, Scene } from './scene.ts'

/** Each by its name in the list of Python Kuryr's bugs; each fails on what upstream does. */
describe.skipIf(!isRoot)('leaks and races of upstream (needs root, bridge, veth)', () => {
  const scene = new Scene()

  it('L1: a CreateNetwork that fails at its last step leaves nothing, before and after Docker’s own roll-back', async () => {
    await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    for (const opt of [{ 'neutron.net.name': 'blue' }, {}]) {
      // The second subnet overlaps the first one.
      const subnet = ['10.1.0.0/24', '10.1.0.0/25']
      const { message } = await refusal(docker.createNetwork({ subnet, opt: opt }))
      expect(message).toContain('10.1.0.0/25')
      expect(docker.ignored).toEqual([])
      await scene.expectNothingLeft()
    }
  })

  it('L2: a CreateEndpoint that fails late leaves no interface, and the port unbound until it is released', async () => {
    const host = await scene.reopen({
      through: neutron =>
        interposed(neutron, ({ name, args, proceed }) => {
          const wired = name === 'ports.update' && (args[1] as { status?: string }).status === 'ACTIVE'
          return wired ? Promise.reject(new Error('the network service went away')) : proceed()
        }),
    })
    const network = await host.docker.createNetwork({ subnet: '10.1.0.0/24' })
    const PoolID = network.pools[0]?.poolId
    const { Address } = (await host.call('IpamDriver.RequestAddress', { PoolID, Address: '', Options: null })) as {
      Address: string
    }
    const message = { NetworkID: network.id, EndpointID: dockerId(), Interface: { Address }, Options: {} }
    await refusal(host.call('NetworkDriver.CreateEndpoint', message))
    expect(await host.plugged()).toEqual([])
    expect(await scene.neutron.ports.list()).toMatchObject([{ device_id: '', 'binding:host_id': '', status: 'DOWN' }])
    await host.call('IpamDriver.ReleaseAddress', { PoolID, Address: Address.replace(/\/.*/, '') })
    await host.docker.removeNetwork(network)
    await scene.expectNothingLeft()
  })

  it('L5: what is removed while the network service is away is gone from there when it is back', async () => {
    let away = false
    const host = await scene.reopen({
      through: neutron =>
        interposed(neutron, ({ proceed }) =>
          away ? Promise.reject(new NeutronError('ServiceUnavailable', 'the network service is away')) : proceed(),
        ),
    })
    const network = await host.docker.createNetwork({ subnet: '10.1.0.0/24' })
    const container = await host.docker.run(network)
    away = true
    await host.docker.stop(container)
    await host.docker.removeNetwork(network)
    expect(host.docker.ignored.length).toBeGreaterThan(0)
    expect(await scene.neutron.ports.list()).toHaveLength(1)
    away = false
    await host.settled()
    await scene.expectNothingLeft()
  })

  it('L8: a wrong neutron.net.shared is found before the network is marked', async () => {
    const { network } = await operate(scene.neutron)
    const before = await scene.neutron.networks.show(network.id)
    const opt = { 'neutron.net.uuid': network.id, 'neutron.net.shared': 'true' }
    await refusal(scene.node1.docker.createNetwork({ subnet: '10.0.0.0/24', opt }))
    expect(await scene.neutron.networks.show(network.id)).toEqual(before)
  })

  it('L9: a pool that does not hold the CIDR is refused without a mark on it', async () => {
    const { pool } = await operate(scene.neutron)
    const before = await contentOf(scene.neutron)
    const named = { 'neutron.pool.uuid': pool.id }
    for (const flags of [{ ipamOpt: named }, { opt: named }]) {
      const { message } = await refusal(scene.node1.docker.createNetwork({ subnet: '10.1.0.0/24', ...flags }))
      expect(message).toContain(`10.1.0.0/24 does not lie in subnet pool campus (${pool.id}), which has 10.64.0.0/16`)
    }
    expect(await contentOf(scene.neutron)).toEqual(before)
  })

  it('R1, R2: two hosts make the same CIDR on one Neutron network at once: one subnet, which the last one deletes', async () => {
    await operate(scene.neutron)
    await scene.remember()
    const opt = { 'neutron.net.name': 'blue' }
    const hosts = [scene.node1, scene.node2]
    for (let round = 0; round < 5; round++) {
      const networks = await Promise.all(
        hosts.map(({ docker }) => docker.createNetwork({ subnet: '10.5.0.0/24', opt })),
      )
      expect(await scene.neutron.subnets.list({ cidr: '10.5.0.0/24' })).toHaveLength(1)
      expect(await scene.neutron.subnetpools.list({ name: 'kuryrPool-10.5.0.0/24' })).toHaveLength(2)
      const containers = await Promise.all(
        hosts.map(({ docker }, at) => docker.run(networks[at] ?? { id: '', pools: [] })),
      )
      expect(new Set(containers.map(container => plainAddress(container))).size).toBe(2)
      await Promise.all(hosts.map(({ docker }, at) => docker.stop(nth(containers, at))))
      await Promise.all(hosts.map(({ docker }, at) => docker.removeNetwork(nth(networks, at))))
      expect(hosts.flatMap(({ docker }) => docker.ignored)).toEqual([])
      await scene.expectNothingLeft()
    }
  })

  it('R3: CreateNetwork sent twice, one after the other or at once, makes one network', async () => {
    const { node1 } = scene
    const id = dockerId()
    const made = await node1.docker.createNetwork({ subnet: '10.1.0.0/24' }, id)
    const datum = { AddressSpace: '', Pool: '10.1.0.0/24', Gateway: '10.1.0.1/24' }
    const message = { NetworkID: id, Options: {}, IPv4Data: [datum], IPv6Data: [] }
    const before = await contentOf(scene.neutron)
    await Promise.all([1, 2].map(() => node1.call('NetworkDriver.CreateNetwork', message)))
    expect(await contentOf(scene.neutron)).toEqual(before)
    expect(await scene.neutron.networks.list({ tags: dockerIdTags(id) })).toHaveLength(1)
    await node1.docker.removeNetwork(made)
    await scene.expectNothingLeft()
  })

  it('R4: of containers that want the operator’s port at once, one gets it, on any host', async () => {
    const { subnet } = await operate(scene.neutron)
    const port = await addPort(scene.neutron, subnet, '10.0.0.77')
    await scene.remember()
    const hosts = [scene.node1, scene.node2, scene.node1, scene.node2]
    const opt = { 'neutron.net.name': 'blue' }
    const networks = [
      await scene.node1.docker.createNetwork({ subnet: subnet.cidr, opt }),
      await scene.node2.docker.createNetwork({ subnet: subnet.cidr, opt }),
    ]
    for (let round = 0; round < 5; round++) {
      const tries = hosts.map(({ docker }, at) => docker.run(nth(networks, at % 2), { ip: '10.0.0.77' }))
      const outcomes = await Promise.allSettled(tries)
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled')
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const got = outcomes[winner] as PromiseFulfilledResult<Awaited<(typeof tries)[0]>>
      expect((await scene.neutron.ports.show(port.id)).device_id).toBe(got.value.id)
      await nth(hosts, winner).docker.stop(got.value)
      expect((await scene.neutron.ports.show(port.id)).tags).toEqual([])
    }
    await scene.node1.docker.removeNetwork(nth(networks, 0))
    await scene.node2.docker.removeNetwork(nth(networks, 1))
    expect(hosts.flatMap(({ docker }) => docker.ignored)).toEqual([])
    await scene.expectNothingLeft()
  })

  it('R4: an adoption that another host overtakes between its look and its claim is refused, the winner undisturbed', async () => {
    const { subnet } = await operate(scene.neutron)
    const port = await addPort(scene.neutron, subnet, '10.0.0.77')
    await scene.remember()
    const { docker: other } = scene.node2
    const flags = { subnet: subnet.cidr, opt: { 'neutron.net.name': 'blue' } }
    const theirs = await other.createNetwork(flags)
    let overtaken: Promise<EndpointRecord> | undefined
    const { docker } = await scene.reopen({
      through: neutron =>
        interposed(neutron, async ({ name, args, proceed }) => {
          const claims = name === 'ports.update' && 'device_owner' in (args[1] as object)
          if (claims) await (overtaken ??= other.run(theirs, { ip: '10.0.0.77' }))
          return proceed()
        }),
    })
    const ours = await docker.createNetwork(flags)
    const { message } = await refusal(docker.run(ours, { ip: '10.0.0.77' }))
    expect(message).toContain(`address 10.0.0.77 is in use by port ${port.id}`)
    if (!overtaken) throw new Error('nobody overtook')
    const winner = await overtaken
    expect(await scene.neutron.ports.show(port.id)).toMatchObject({ device_id: winner.id, status: 'ACTIVE' })
    await docker.removeNetwork(ours)
    await other.stop(winner)
    await other.removeNetwork(theirs)
    await scene.expectNothingLeft()
  })
})
