import { describe, expect, it } from 'vitest'
import { daemon, isRoot, refused, refusedEndpoint, refusedNetwork, scene, unknownUuid, withDaemon } from './refusals.ts'
import { dockerId, makeDockerNetwork, removeDockerNetwork, startContainer, stopContainer, succeed } from './scene.ts'

describe.skipIf(!isRoot)('well-formed wishes that the whole daemon cannot grant (needs root for namespaces)', () => {
  withDaemon()

  describe('as a prefix', () => {
    const pool = (Pool: string, more: object = {}): Promise<string> =>
      refused('IpamDriver.RequestPool', { Pool, ...more })

    it('with host bits', async () => {
      expect(await pool('10.0.0.5/16')).toMatchInlineSnapshot(
        `"400 --subnet: '10.0.0.5/16' has host bits set: expected a network address like 10.0.0.0/16"`,
      )
      expect(await pool('fd00::5/64', { V6: true })).toMatchInlineSnapshot(
        `"400 --subnet: 'fd00::5/64' has host bits set: expected a network address like fd00::/64"`,
      )
      expect(await pool('10.0.0.0/16', { SubPool: '10.0.0.7/24' })).toMatchInlineSnapshot(
        `"400 --ip-range: '10.0.0.7/24' has host bits set: expected a network address like 10.0.0.0/24"`,
      )
    })

    it('of an absurd size or range', async () => {
      expect(await pool('0.0.0.0/0')).toMatchInlineSnapshot(
        `"400 --subnet 0.0.0.0/0: expected a prefix length from 8 to 30 for IPv4, got 0"`,
      )
      expect(await pool('10.0.0.1/32')).toMatchInlineSnapshot(
        `"400 --subnet 10.0.0.1/32: expected a prefix length from 8 to 30 for IPv4, got 32"`,
      )
      expect(await pool('10.0.0.0/33')).toMatchInlineSnapshot(`"400 Pool is "10.0.0.0/33": expected a CIDR or """`)
      expect(await pool('127.0.0.0/8')).toMatchInlineSnapshot(
        `"400 --subnet 127.0.0.0/8 lies in 127.0.0.0/8, the loopback range: choose one for containers, like 10.0.0.0/24"`,
      )
      expect(await pool('224.0.0.0/24')).toMatchInlineSnapshot(
        `"400 --subnet 224.0.0.0/24 lies in 224.0.0.0/3, multicast and reserved: choose one for containers, like 10.0.0.0/24"`,
      )
      expect(await pool('::/0', { V6: true })).toMatchInlineSnapshot(
        `"400 --subnet ::/0: expected a prefix length from 32 to 126 for IPv6, got 0"`,
      )
      expect(await pool('fe80::/64', { V6: true })).toMatchInlineSnapshot(
        `"400 --subnet fe80::/64 lies in fe80::/10, link-local: choose one for containers, like fd00::/64"`,
      )
      expect(await pool('::ffff:10.0.0.0/120', { V6: true })).toMatchInlineSnapshot(
        `"400 --subnet: '::ffff:10.0.0.0' is an IPv4-mapped IPv6 address: expected 10.0.0.0"`,
      )
    })

    it('of the other family', async () => {
      expect(await pool('10.0.0.0/24', { V6: true })).toMatchInlineSnapshot(
        `"400 10.0.0.0/24 is IPv4, but Docker asks for an IPv6 pool"`,
      )
      expect(await pool('fd00::/64')).toMatchInlineSnapshot(`"400 fd00::/64 is IPv6, but Docker asks for an IPv4 pool"`)
    })

    it('with an ip-range outside of it', async () => {
      expect(await pool('10.0.0.0/24', { SubPool: '10.0.1.0/24' })).toMatchInlineSnapshot(
        `"400 --ip-range 10.0.1.0/24 does not lie in --subnet 10.0.0.0/24"`,
      )
      expect(await pool('10.0.0.0/24', { SubPool: '10.0.0.0/16' })).toMatchInlineSnapshot(
        `"400 --ip-range 10.0.0.0/16 does not lie in --subnet 10.0.0.0/24"`,
      )
    })

    it('outside of the subnet pool that was named', async () => {
      const Options = { 'neutron.pool.name': 'blue' }
      expect(await pool('10.0.0.0/24', { Options })).toMatchInlineSnapshot(
        `"400 10.0.0.0/24 does not lie in subnet pool blue (<blue pool>), which has 10.3.0.0/16: give a --subnet that does"`,
      )
    })

    it('that overlaps a subnet of the same Neutron network', async () => {
      const options = { 'neutron.net.uuid': scene.operator.network }
      expect(await refusedNetwork({ Pool: '10.2.0.0/16' }, {}, options)).toMatchInlineSnapshot(
        `"400 Invalid input for operation: Requested subnet with cidr: 10.2.0.0/16 for network: <blue> overlaps with another subnet."`,
      )
    })
  })

  describe('as a gateway', () => {
    it('outside of the subnet', async () => {
      const { PoolID } = await succeed(daemon, 'IpamDriver.RequestPool', { Pool: '10.5.0.0/24' })
      const Options = { RequestAddressType: 'com.docker.network.gateway' }
      const request = (Address: string): Promise<string> =>
        refused('IpamDriver.RequestAddress', { PoolID, Address, Options })
      expect(await request('10.6.0.1')).toMatchInlineSnapshot(
        `"400 address 10.6.0.1 is not one that a host in 10.5.0.0/24 can have: give one of that subnet"`,
      )
      expect(await request('10.5.0.255')).toMatchInlineSnapshot(
        `"400 address 10.5.0.255 is not one that a host in 10.5.0.0/24 can have: give one of that subnet"`,
      )
      expect(await request('fd00::1')).toMatchInlineSnapshot(
        `"400 address fd00::1 is not one that a host in 10.5.0.0/24 can have: give one of that subnet"`,
      )
      await succeed(daemon, 'IpamDriver.ReleasePool', { PoolID })
      expect(await refusedNetwork({ Pool: '10.5.0.0/24' }, { Gateway: '10.6.0.1/24' })).toMatchInlineSnapshot(
        `"400 gateway 10.6.0.1 does not lie in subnet 10.5.0.0/24: give one that does"`,
      )
    })

    it('that is also an auxiliary address, or one that is outside', async () => {
      const aux = { AuxAddresses: { printer: '10.6.0.9/24' } }
      expect(await refusedNetwork({ Pool: '10.5.0.0/24' }, aux)).toMatchInlineSnapshot(
        `"400 --aux-address printer=10.6.0.9 is not one that a host in 10.5.0.0/24 can have: give one of that subnet"`,
      )
      const { PoolID } = await succeed(daemon, 'IpamDriver.RequestPool', { Pool: '10.5.0.0/24' })
      expect(await refused('IpamDriver.RequestAddress', { PoolID, Address: '10.5.0.1' })).toMatchInlineSnapshot(
        `"400 --aux-address 10.5.0.1 is the gateway: give another address, or another --gateway"`,
      )
      await succeed(daemon, 'IpamDriver.ReleasePool', { PoolID })
    })
  })

  describe('as a driver option', () => {
    it('an unknown uuid', async () => {
      const pool = (Options: object): Promise<string> =>
        refused('IpamDriver.RequestPool', { Pool: '10.5.0.0/24', Options })
      expect(await pool({ 'neutron.pool.uuid': unknownUuid })).toMatchInlineSnapshot(
        `"400 no subnet pool with uuid <unknown>"`,
      )
      expect(await pool({ 'neutron.subnet.uuid': unknownUuid })).toMatchInlineSnapshot(
        `"400 no subnet with uuid <unknown>"`,
      )
      expect(await pool({ 'neutron.net.uuid': unknownUuid })).toMatchInlineSnapshot(
        `"400 no network with uuid <unknown>"`,
      )
      const options = { 'neutron.net.uuid': unknownUuid }
      expect(await refusedNetwork({ Pool: '10.5.0.0/24' }, {}, options)).toMatchInlineSnapshot(
        `"400 no network with uuid <unknown>"`,
      )
    })

    it('an ambiguous name', async () => {
      const options = { 'neutron.net.name': 'twin' }
      expect(await refusedNetwork({ Pool: '10.5.0.0/24' }, {}, options)).toMatchInlineSnapshot(
        `"400 2 networks have the name "twin" (<id>, <id>): name one by its uuid"`,
      )
    })

    it('an unknown option, no uuid, and no truth value', async () => {
      const pool = (Options: object): Promise<string> =>
        refused('IpamDriver.RequestPool', { Pool: '10.5.0.0/24', Options })
      expect(await pool({ 'neutron.net.uid': 'x' })).toMatchInlineSnapshot(
        `"400 unknown option "neutron.net.uid": expected one of neutron.net.uuid, neutron.net.name, neutron.net.shared, neutron.subnet.uuid, neutron.subnet.name, neutron.subnet.v6.uuid, neutron.subnet.v6.name, neutron.pool.uuid, neutron.pool.name, neutron.pool.v6.uuid, neutron.pool.v6.name, kuryr.security_groups, kuryr.publish, kuryr.publish.floating_ip, kuryr.share, kuryr.shared.id"`,
      )
      expect(await pool({ 'neutron.net.uuid\n': 'x' })).toMatchInlineSnapshot(
        `"400 unknown option "neutron.net.uuid\\n": expected one of neutron.net.uuid, neutron.net.name, neutron.net.shared, neutron.subnet.uuid, neutron.subnet.name, neutron.subnet.v6.uuid, neutron.subnet.v6.name, neutron.pool.uuid, neutron.pool.name, neutron.pool.v6.uuid, neutron.pool.v6.name, kuryr.security_groups, kuryr.publish, kuryr.publish.floating_ip, kuryr.share, kuryr.shared.id"`,
      )
      expect(await pool({ 'neutron.net.uuid': 'x' })).toMatchInlineSnapshot(
        `"400 option neutron.net.uuid="x": expected a UUID"`,
      )
      expect(await pool({ 'neutron.net.shared': 'perhaps' })).toMatchInlineSnapshot(
        `"400 option neutron.net.shared="perhaps": expected true or false"`,
      )
      expect(await pool({ 'neutron.net.name': '' })).toMatchInlineSnapshot(
        `"400 option neutron.net.name="": expected a name of 1 to 255 characters"`,
      )
    })
  })

  describe('as an address', () => {
    const address = (Address: string, PoolID = scene.docker.pool): Promise<string> =>
      refused('IpamDriver.RequestAddress', { PoolID, Address })

    it('outside of the pool, or for no host to have', async () => {
      expect(await address('10.7.0.9')).toMatchInlineSnapshot(
        `"400 address 10.7.0.9 is not one that a host in 10.1.0.0/24 can have: give one of that subnet"`,
      )
      expect(await address('10.1.0.255')).toMatchInlineSnapshot(
        `"400 address 10.1.0.255 is not one that a host in 10.1.0.0/24 can have: give one of that subnet"`,
      )
      expect(await address('fd00::9')).toMatchInlineSnapshot(
        `"400 address fd00::9 is not one that a host in 10.1.0.0/24 can have: give one of that subnet"`,
      )
      expect(await address('::ffff:10.1.0.9')).toMatchInlineSnapshot(
        `"400 '::ffff:10.1.0.9' is an IPv4-mapped IPv6 address: expected 10.1.0.9"`,
      )
      expect(await address('10.1.0.300')).toMatchInlineSnapshot(
        `"400 Address is "10.1.0.300": expected an IP address or """`,
      )
    })

    it('of an unknown pool', async () => {
      expect(await address('', unknownUuid)).toMatchInlineSnapshot(
        `"400 pool <unknown> has no subnet: it is gone, or its Docker network was not created with --driver=kuryr (the kuryr IPAM driver works with the kuryr network driver only)"`,
      )
    })

    it('in use, by a container, a VM or the gateway', async () => {
      expect(await address(scene.docker.endpoint.address)).toMatchInlineSnapshot(
        `"409 address 10.1.0.2 is in use by port <id> of compute:kuryr on host private: give another --ip, or free that port"`,
      )
      expect(await address('10.1.0.1')).toMatchInlineSnapshot(
        `"409 address 10.1.0.1 is the gateway of subnet 10.1.0.0/24: give another --ip (or, for a container that is the gateway, first make a Neutron port with that address)"`,
      )
      const options = { 'neutron.net.uuid': scene.operator.network }
      const network = await makeDockerNetwork(daemon, { id: dockerId(7), cidr: '10.2.0.0/24', options })
      expect(await address(scene.operator.vmPort.address, network.pool)).toMatchInlineSnapshot(
        `"409 address 10.2.0.3 is in use by port <vm port> of compute:nova: give another --ip, or free that port"`,
      )
      await removeDockerNetwork(daemon, network)
    })

    it('of an exhausted pool', async () => {
      const network = await makeDockerNetwork(daemon, { id: dockerId(7), cidr: '10.6.0.0/30' })
      const endpoint = await startContainer(daemon, { ...network, endpoint: dockerId(6) })
      expect(await address('', network.pool)).toMatchInlineSnapshot(
        `"409 subnet 10.6.0.0/30 has no free address left, remove a container or use a larger --subnet: No more IP addresses available on network <id>: subnet <id> (10.6.0.0/30): 1 of 1 addresses of its allocation pools are in use."`,
      )
      await stopContainer(daemon, { ...network, endpoint })
      await removeDockerNetwork(daemon, network)
    })
  })

  describe('as an endpoint', () => {
    it('a MAC in use, or one that no interface can have', async () => {
      expect(await refusedEndpoint({ MacAddress: scene.docker.endpoint.mac })).toMatchInlineSnapshot(
        `"409 Unable to complete operation for network <id>. The mac address <endpoint mac> is in use."`,
      )
      expect(await refusedEndpoint({ MacAddress: 'ff:ff:ff:ff:ff:ff' })).toMatchInlineSnapshot(
        `"400 Invalid input for mac_address. Reason: 'ff:ff:ff:ff:ff:ff' is not a valid MAC address."`,
      )
      expect(await refusedEndpoint({ MacAddress: '01:00:5e:00:00:01' })).toMatchInlineSnapshot(
        `"400 Invalid input for mac_address. Reason: '01:00:5e:00:00:01' is not a valid MAC address."`,
      )
      expect(await refusedEndpoint({ MacAddress: '02-42-0a-01-00-02' })).toMatchInlineSnapshot(
        `"400 Interface.MacAddress is "02-42-0a-01-00-02": expected a MAC address or """`,
      )
    })

    it('an address of another endpoint, of nobody, or none', async () => {
      expect(await refusedEndpoint({ Address: `${scene.docker.endpoint.address}/24` })).toMatchInlineSnapshot(
        `"409 port <id> with the endpoint's address belongs to compute:kuryr <endpoint>"`,
      )
      expect(await refusedEndpoint({ Address: '10.1.0.99/24' })).toMatchInlineSnapshot(
        `"409 no port has address 10.1.0.99: it was removed from Neutron after RequestAddress"`,
      )
      expect(await refusedEndpoint({ Address: '' })).toMatchInlineSnapshot(
        `"400 Interface has neither Address nor AddressIPv6: create the network with --ipam-driver=kuryr"`,
      )
    })

    it('of a network that is not there', async () => {
      const ids = { NetworkID: dockerId(9), EndpointID: dockerId(8) }
      const Interface = { Address: '10.1.0.99/24' }
      expect(await refused('NetworkDriver.CreateEndpoint', { ...ids, Interface })).toMatchInlineSnapshot(
        `"409 no Neutron network carries the tags of Docker network <new network>: it was removed from Neutron, or belongs to another store or OpenStack than the one configured here"`,
      )
      expect(await refused('NetworkDriver.Join', { ...ids, SandboxKey: '/run/netns/x' })).toMatchInlineSnapshot(
        `"409 no port belongs to endpoint <new endpoint>: it was removed from Neutron"`,
      )
    })
  })

  it('CreateNetwork again with more subnets, refused, leaves the network that is there', async () => {
    const network = await makeDockerNetwork(daemon, { id: dockerId(7), cidr: '10.5.0.0/24' })
    const request = async (Pool: string): Promise<unknown> =>
      (await succeed(daemon, 'IpamDriver.RequestPool', { Pool })).PoolID
    const pools = [await request('10.6.0.0/24'), await request('10.7.0.0/24')]
    const IPv4Data = [
      { Pool: '10.6.0.0/24', Gateway: '10.9.0.1/24' },
      { Pool: '10.7.0.0/24', Gateway: '10.7.0.1/24' },
    ]
    const again = { NetworkID: network.network, IPv4Data }
    expect(await refused('NetworkDriver.CreateNetwork', again)).toMatchInlineSnapshot(
      `"400 gateway 10.9.0.1 does not lie in subnet 10.6.0.0/24: give one that does"`,
    )
    for (const PoolID of pools) await succeed(daemon, 'IpamDriver.ReleasePool', { PoolID })

    const endpoint = await startContainer(daemon, { ...network, endpoint: dockerId(6) })
    await stopContainer(daemon, { ...network, endpoint })
    await removeDockerNetwork(daemon, network)
  })
})
