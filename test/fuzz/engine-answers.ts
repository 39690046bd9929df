import type { SeededRandom } from './seeded-random.ts'
import type { JsonObject } from './valid-requests.ts'

/** Of the container that is inspected. */
export const CONTAINER_ID = 'c'.repeat(64)

/** What Docker engines answer, by call, in the shapes of 20.10, 26 and 28. */
export const engineAnswers = {
  info: (random: SeededRandom): JsonObject => ({
    ID: random.hex(32),
    Name: 'node1',
    ServerVersion: '26.1.5',
    SystemTime: '2026-11-25T03:28:02.635739718Z',
    ClusterStore: random.pick(['', 'etcd://10.8.65.79:2379']),
    Swarm: { NodeID: '', LocalNodeState: random.pick(['inactive', 'active']), RemoteManagers: null },
    Containers: 0,
  }),
  network,
  container: inspected,
  created: (random: SeededRandom): JsonObject => ({ Id: random.hex(64), Warning: random.pick(['', 'a warning']) }),
  refusal: (random: SeededRandom): JsonObject => ({
    message: random.pick([
      'network with name n1 already exists',
      'network n1 not found',
      'No such container: c1',
      'network n1 id e6d3 has active endpoints',
      'plugin "kuryr" not found',
      'client version 1.51 is too new. Maximum supported API version is 1.41',
      'a text that no engine said before',
    ]),
  }),
  event: (random: SeededRandom): JsonObject => ({
    Type: 'network',
    Action: random.pick(['create', 'connect', 'disconnect', 'destroy']),
    Actor: { ID: random.hex(64), Attributes: { container: random.hex(64), name: 'blue', type: 'kuryr' } },
    scope: 'local',
    time: 1795577282,
    timeNano: 1795577282635739,
  }),
}

function network(random: SeededRandom): JsonObject {
  const pool = {
    Subnet: '10.0.0.0/16',
    IPRange: '10.0.0.0/24',
    Gateway: '10.0.0.1',
    AuxiliaryAddresses: { r: '10.0.0.5' },
  }
  return {
    Name: 'blue',
    Id: random.hex(64),
    Created: '2026-11-25T03:28:02.635739718Z',
    Scope: random.pick(['local', 'global']),
    Driver: 'kuryr',
    ...(random.once(2) && { EnableIPv4: true }),
    EnableIPv6: random.once(2),
    IPAM: { Driver: 'kuryr', Options: random.pick([null, { a: 'b' }]), Config: random.pick([null, [], [pool]]) },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: random.pick([null, {}, { [random.hex(64)]: container(random) }]),
    Options: random.pick([null, {}, { 'neutron.net.uuid': random.hex(32) }]),
    Labels: random.pick([null, {}, { 'com.example': 'x' }]),
  }
}

/** A container as it is inspected. */
function inspected(random: SeededRandom): JsonObject {
  const endpoint = { NetworkID: random.hex(64), EndpointID: random.pick(['', random.hex(64)]), IPAddress: '10.0.0.2' }
  return {
    Id: CONTAINER_ID,
    Name: '/c1',
    State: { Running: true },
    Config: { Hostname: 'c1', Labels: random.pick([null, {}, { team: 'net' }]) },
    NetworkSettings: { Ports: {}, Networks: random.pick([null, {}, { blue: endpoint, 'a b': null }]) },
  }
}

function container(random: SeededRandom): JsonObject {
  const addresses = { MacAddress: 'fa:16:3e:00:00:01', IPv4Address: '10.0.0.2/24', IPv6Address: '' }
  return { Name: 'c1', EndpointID: random.hex(64), ...addresses }
}
