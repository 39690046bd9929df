import { describe, expect, it } from 'vitest'
import { interposed } from './interposed.ts'
import { isRoot } from './namespaces.ts'
import { addPort, operate } from './operator.ts'
import { refusal } from './refusals.ts'
import { contentOf, Scene } from './scene.ts'

/** Each by its name in the list of Python Kuryr's bugs; each fails on what upstream does. */
describe.skipIf(!isRoot)('destructive bugs of upstream (needs root, bridge, veth)', () => {
  const scene = new Scene()

  it('B1: a network without --subnet, made or failed, never deletes the operator’s default pool', async () => {
    const { neutron } = scene
    const pool = { name: 'kuryr', prefixes: ['10.70.0.0/16'], default_prefixlen: 24 }
    const { id } = await neutron.subnetpools.create(pool)
    await scene.remember()
    const { docker } = scene.node1
    const network = await docker.createNetwork({})
    expect(network.pools[0]).toMatchObject({ pool: '10.70.0.0/24', gateway: '10.70.0.1/24' })
    expect(network.pools[0]?.poolId).not.toBe(id)
    await docker.removeNetwork(network)
    await refusal(docker.createNetwork({ opt: { 'neutron.net.uuid': id } }))
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it.each([
    ['a VM', { device_owner: 'compute:nova', device_id: 'vm' }],
    ['a router', { device_owner: 'network:router_interface', device_id: 'r' }],
    ['DHCP', { device_owner: 'network:dhcp', device_id: 'dhcp' }],
    ['a device without owner', { device_owner: '', device_id: 'something' }],
  ])('B2: --ip of the port of %s is refused, and the port untouched', async (_, owner) => {
    const { subnet, network: net } = await operate(scene.neutron)
    const { id } = await addPort(scene.neutron, subnet, '10.0.0.60', owner)
    const { docker } = scene.node1
    const network = await docker.createNetwork({ subnet: subnet.cidr, ipamOpt: { 'neutron.net.uuid': net.id } })
    const before = await contentOf(scene.neutron)
    const { message } = await refusal(docker.run(network, { ip: '10.0.0.60' }))
    expect(message).toContain('10.0.0.60')
    expect(message).toContain(id)
    expect(await contentOf(scene.neutron)).toEqual(before)
  })

  it('B3: a second host’s network with the same CIDR, removed or failed, leaves the first host’s as it was', async () => {
    const { node1, node2 } = scene
    const opt = { 'neutron.net.name': 'blue' }
    await operate(scene.neutron)
    const one = await node1.docker.createNetwork({ subnet: '10.5.0.0/24', opt })
    const before = await contentOf(scene.neutron)
    const two = await node2.docker.createNetwork({ subnet: '10.5.0.0/24', opt })
    await node2.docker.removeNetwork(two)
    await refusal(node2.docker.createNetwork({ subnet: '10.5.0.0/24', gateway: '10.5.0.9', opt }))
    const after = await contentOf(scene.neutron)
    expect(after.subnetpools).toEqual(before.subnetpools)
    expect(after.subnets.map(({ id, tags }) => ({ id, tags }))).toEqual(
      before.subnets.map(({ id, tags }) => ({ id, tags })),
    )
    const container = await node1.docker.run(one)
    await node1.docker.stop(container)
    expect((await scene.neutron.ports.list({ tags: ['compute:kuryr'] })).length).toBe(0)
    expect([...node1.docker.ignored, ...node2.docker.ignored]).toEqual([])
  })

  it('B4: removing one Docker network leaves the idle subnets of the others on the same Neutron network', async () => {
    await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    const opt = { 'neutron.net.name': 'blue' }
    const one = await docker.createNetwork({ subnet: '10.1.0.0/24', opt })
    const two = await scene.node2.docker.createNetwork({ subnet: '10.2.0.0/24', opt })
    await docker.removeNetwork(one)
    const cidrs = (await scene.neutron.subnets.list()).map(({ cidr }) => cidr).sort()
    expect(cidrs).toEqual(['10.0.0.0/24', '10.2.0.0/24'])
    await docker.stop(await docker.run(two))
    await docker.removeNetwork(two)
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('B5: no failing look-up at the start makes an existing network renamed or deleted', async () => {
    const { network } = await operate(scene.neutron)
    await scene.remember()
    const host = await scene.reopen({
      through: neutron => ({
        ...interposed(neutron, ({ proceed }) => proceed()),
        extensions: () => Promise.reject(new Error('the extensions are not there at the moment')),
      }),
    })
    const made = await host.docker.createNetwork({ subnet: '10.0.0.0/24', opt: { 'neutron.net.uuid': network.id } })
    expect((await scene.neutron.networks.show(network.id)).name).toBe('blue')
    await host.docker.removeNetwork(made)
    await scene.expectNothingLeft()
  })

  it('B6: the operator’s pool survives both of two Docker networks that take their subnets from it', async () => {
    await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    const ipamOpt = { 'neutron.pool.name': 'campus' }
    const one = await docker.createNetwork({ subnet: '10.64.1.0/24', ipamOpt })
    const two = await docker.createNetwork({ ipamOpt })
    expect(two.pools[0]?.pool).toBe('10.64.0.0/24')
    const pool = await scene.neutron.subnetpools.list({ name: 'campus' })
    const from = await scene.neutron.subnets.list({ subnetpool_id: pool[0]?.id })
    expect(from.map(({ cidr }) => cidr).sort()).toEqual(['10.64.0.0/24', '10.64.1.0/24'])
    await docker.removeNetwork(one)
    await docker.removeNetwork(two, 'network first')
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('B7: another tenant’s subnet with the same CIDR is neither asked for its gateway nor allocated from', async () => {
    const { subnet } = await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    const network = await docker.createNetwork({ subnet: subnet.cidr, gateway: '10.0.0.7' })
    const container = await docker.run(network)
    const taken = await scene.neutron.ports.list({ fixed_ips: [`subnet_id=${subnet.id}`] })
    expect(taken.map(port => port.device_id)).toEqual(['a-vm'])
    await docker.stop(container)
    await docker.removeNetwork(network)
    await scene.expectNothingLeft()
  })

  it('B8: releasing an address touches no port with that address in another subnet', async () => {
    const { docker } = scene.node1
    const one = await docker.createNetwork({ subnet: '10.3.0.0/24' })
    const two = await scene.node2.docker.createNetwork({ subnet: '10.3.0.0/24' })
    const first = await docker.run(one, { ip: '10.3.0.9' })
    const second = await scene.node2.docker.run(two, { ip: '10.3.0.9' })
    await docker.stop(first)
    const left = await scene.neutron.ports.list({ fixed_ips: ['ip_address=10.3.0.9'] })
    expect(left.map(port => port.device_id)).toEqual([second.id])
    // Released by the wrong pool, as for an endpoint that is long gone.
    await docker.releaseAddresses(first)
    expect(await scene.neutron.ports.list({ fixed_ips: ['ip_address=10.3.0.9'] })).toEqual(left)
  })
})
