import type { PrivateDaemon } from './private-daemon.ts'

/** What the operator has in Neutron, and one Docker network with a container's endpoint. */
export interface Scene {
  /** The operator's network, two subnets in it, a subnet pool, two ports (the second a VM's). */
  operator: {
    network: string
    subnet: string
    subnetpool: string
    freePort: { id: string; address: string }
    vmPort: { id: string; address: string; mac: string }
  }
  docker: {
    network: string
    pool: string
    cidr: string
    endpoint: { id: string; address: string; mac: string }
  }
}

/** Docker's id of the n-th network or endpoint of a test. */
export function dockerId(number: number): string {
  return number.toString(16).padStart(64, 'a')
}

/** Makes the operator's resources by Neutron's API and the Docker network by the plugin protocol, as Docker does. */
export async function makeScene(daemon: PrivateDaemon): Promise<Scene> {
  const operator = await makeOperatorsResources(daemon)
  const docker = await makeDockerNetwork(daemon, { id: dockerId(1), cidr: '10.1.0.0/24' })
  const endpoint = await startContainer(daemon, { ...docker, endpoint: dockerId(2) })
  return { operator, docker: { ...docker, endpoint } }
}

/** `docker network create --subnet`: the calls that Docker sends, each of which must succeed. */
export async function makeDockerNetwork(
  daemon: PrivateDaemon,
  { id, cidr, options = {} }: { id: string; cidr: string; options?: Record<string, string> },
): Promise<{ network: string; pool: string; cidr: string }> {
  const requested = await succeed(daemon, 'IpamDriver.RequestPool', { Pool: cidr, Options: options })
  const { PoolID, Pool } = requested as { PoolID: string; Pool: string }
  const Gateway = await gatewayOf(daemon, requested)
  await succeed(daemon, 'NetworkDriver.CreateNetwork', {
    NetworkID: id,
    Options: { 'com.docker.network.generic': options },
    IPv4Data: [{ AddressSpace: '', Pool, Gateway }],
    IPv6Data: [],
  })
  return { network: id, pool: PoolID, cidr: Pool }
}

/** The gateway of a pool that was requested: told with the pool, or asked for, as Docker does where the user names none. */
export async function gatewayOf(daemon: PrivateDaemon, requested: Record<string, unknown>): Promise<string> {
  const { PoolID, Data } = requested as { PoolID: string; Data: Record<string, string> }
  const told = Data['com.docker.network.gateway']
  if (told !== undefined) return told
  const Options = { RequestAddressType: 'com.docker.network.gateway' }
  return String((await succeed(daemon, 'IpamDriver.RequestAddress', { PoolID, Address: '', Options })).Address)
}

/** `docker run` up to the moment where Docker takes the interface. */
export async function startContainer(
  daemon: PrivateDaemon,
  { network, pool, endpoint }: { network: string; pool: string; endpoint: string },
): Promise<{ id: string; address: string; mac: string }> {
  const { Address } = await succeed(daemon, 'IpamDriver.RequestAddress', { PoolID: pool, Address: '' })
  const address = String(Address)
  const ids = { NetworkID: network, EndpointID: endpoint }
  const created = await succeed(daemon, 'NetworkDriver.CreateEndpoint', { ...ids, Interface: { Address: address } })
  await succeed(daemon, 'NetworkDriver.Join', { ...ids, SandboxKey: '/var/run/docker/netns/0123456789ab' })
  const { MacAddress } = created.Interface as { MacAddress: string }
  return { id: endpoint, address: address.split('/')[0] ?? '', mac: MacAddress }
}

/** `docker rm -f`. */
export async function stopContainer(
  daemon: PrivateDaemon,
  { network, pool, endpoint }: { network: string; pool: string; endpoint: { id: string; address: string } },
): Promise<void> {
  const ids = { NetworkID: network, EndpointID: endpoint.id }
  await succeed(daemon, 'NetworkDriver.Leave', ids)
  await succeed(daemon, 'NetworkDriver.DeleteEndpoint', ids)
  await succeed(daemon, 'IpamDriver.ReleaseAddress', { PoolID: pool, Address: endpoint.address })
}

/** `docker network rm`. */
export async function removeDockerNetwork(
  daemon: PrivateDaemon,
  { network, pool }: { network: string; pool: string },
): Promise<void> {
  await succeed(daemon, 'IpamDriver.ReleasePool', { PoolID: pool })
  await succeed(daemon, 'NetworkDriver.DeleteNetwork', { NetworkID: network })
}

/** A call that must succeed; its answer. */
export async function succeed(
  daemon: PrivateDaemon,
  method: string,
  message: object,
): Promise<Record<string, unknown>> {
  const answer = await daemon.call(method, message)
  if (answer.status !== 200) throw new Error(`${method} ${JSON.stringify(message)}: ${answer.status} ${answer.text}`)
  return answer.body
}

async function makeOperatorsResources(daemon: PrivateDaemon): Promise<Scene['operator']> {
  const create = async (kind: string, attributes: object): Promise<Record<string, unknown>> => {
    const answer = await daemon.neutron('POST', `/v2.0/${kind}s`, { [kind]: attributes })
    return answer[kind] as Record<string, unknown>
  }
  const network = String((await create('network', { name: 'blue' })).id)
  for (const name of ['twin', 'twin']) await create('network', { name })
  const subnet = await create('subnet', { network_id: network, ip_version: 4, cidr: '10.2.0.0/24', name: 'blue-v4' })
  const subnetpool = await create('subnetpool', { name: 'blue', prefixes: ['10.3.0.0/16'], default_prefixlen: 24 })
  // Docker networks without a subnet make the default pool once, and it stays.
  for (const V6 of [false, true]) {
    const { PoolID } = await succeed(daemon, 'IpamDriver.RequestPool', { Pool: '', V6 })
    await succeed(daemon, 'IpamDriver.ReleasePool', { PoolID })
  }
  const port = async (attributes: object): Promise<{ id: string; address: string; mac: string }> => {
    const made = await create('port', { network_id: network, ...attributes })
    const [fixedIp] = made.fixed_ips as { ip_address: string }[]
    return { id: String(made.id), address: fixedIp?.ip_address ?? '', mac: String(made.mac_address) }
  }
  return {
    network,
    subnet: String(subnet.id),
    subnetpool: String(subnetpool.id),
    freePort: await port({ name: 'free' }),
    vmPort: await port({ name: 'vm', device_owner: 'compute:nova', device_id: 'vm-1' }),
  }
}
