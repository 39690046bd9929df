import type { EngineIpamConfig, EngineNetwork, NetworkCreateBody } from '../docker-engine/docker-engine.ts'
import { SHARED_ID_OPTION } from '../ownership/driver-options.ts'
import type { NetworkSpec, SharedNetwork, SharedSubnet } from './shared-network.ts'

/** The shared id that a local network stands for: the one it was made with as a replica, else its own. */
export function sharedIdOf({ Id, Options }: EngineNetwork): string {
  return Options[SHARED_ID_OPTION] ?? Id
}

/** Whether sharing made it. */
export function isReplica({ Options }: EngineNetwork): boolean {
  return Options[SHARED_ID_OPTION] !== undefined
}

/** What a network made here is, for the other hosts. Its pools are those in effect, chosen by whomever. */
export function specOf(network: EngineNetwork): NetworkSpec {
  return {
    internal: network.Internal,
    attachable: network.Attachable,
    ...(network.EnableIPv4 !== undefined && { enableIpv4: network.EnableIPv4 }),
    enableIpv6: network.EnableIPv6,
    subnets: network.IPAM.Config.map(sharedSubnet),
    ipamOptions: withoutMarker(network.IPAM.Options),
    options: withoutMarker(network.Options),
    labels: network.Labels,
  }
}

function sharedSubnet({ Subnet, Gateway, IPRange }: EngineIpamConfig): SharedSubnet {
  return { subnet: Subnet, ...(Gateway && { gateway: Gateway }), ...(IPRange && { ipRange: IPRange }) }
}

function withoutMarker(options: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== SHARED_ID_OPTION))
}

/** The request that makes this host's replica: the shared id goes with both of Docker's calls, by `-o` and `--ipam-opt`. */
export function replicaOf({ id, name, spec }: SharedNetwork, driver: string): NetworkCreateBody {
  const body = bodyOf(name, spec, driver)
  const marker = { [SHARED_ID_OPTION]: id }
  return {
    ...body,
    IPAM: { ...body.IPAM, Options: { ...spec.ipamOptions, ...marker } },
    Options: { ...spec.options, ...marker },
  }
}

/** The request that makes the network as its user did. */
export function bodyOf(name: string, spec: NetworkSpec, driver: string): NetworkCreateBody {
  return {
    Name: name,
    Driver: driver,
    Internal: spec.internal,
    Attachable: spec.attachable,
    ...(spec.enableIpv4 !== undefined && { EnableIPv4: spec.enableIpv4 }),
    EnableIPv6: spec.enableIpv6,
    IPAM: {
      Driver: driver,
      Options: spec.ipamOptions,
      Config: spec.subnets.map(({ subnet, gateway, ipRange }) => ({
        Subnet: subnet,
        ...(gateway !== undefined && { Gateway: gateway }),
        ...(ipRange !== undefined && { IPRange: ipRange }),
      })),
    },
    Options: spec.options,
    Labels: spec.labels,
  }
}
