import assert from 'node:assert/strict'
import type { Experiment, InspectedNetwork } from './experiment.ts'

/** What every host must say of the network while it has no containers; a replica has an id of its own, and a marker. */
export function assertExpectedNetwork(
  experiment: Experiment,
  network: InspectedNetwork | undefined,
  marker: Record<string, string> = {},
): void {
  assert.ok(network, 'docker network inspect kuryr finds the network')
  const { Id, Name, Scope, Driver, EnableIPv6, IPAM, Internal, Containers, Options } = network
  assert.deepEqual(
    { Id, Name, Scope, Driver, EnableIPv6, IPAM, Internal, Containers, Options },
    {
      Id: 'kuryr.shared.id' in marker ? Id : experiment.dockerNetworkId,
      Name: 'kuryr',
      Scope: experiment.sharedBy === 'docker' ? 'global' : 'local',
      Driver: 'kuryr',
      EnableIPv6: false,
      IPAM: {
        Driver: 'kuryr',
        Options: marker,
        Config: [{ Subnet: '10.0.0.0/16', IPRange: '10.0.0.0/24', Gateway: '10.0.0.1' }],
      },
      Internal: false,
      Containers: {},
      Options: { 'neutron.net.uuid': experiment.neutronNetworkId, ...marker },
    },
  )
}
