import { type Static, Type } from 'typebox'
import type { EngineContainer, EngineIpam, EngineIpamConfig, EngineNetwork } from './docker-engine.ts'
import { anyKey, maybe, readingOf } from './answer-reading.ts'

const text = maybe(Type.String())
const flag = maybe(Type.Boolean())
const texts = maybe(Type.Record(anyKey, Type.String()))

const IpamConfigJson = Type.Object({
  Subnet: text,
  IPRange: text,
  Gateway: text,
  AuxiliaryAddresses: texts,
})
const IpamJson = Type.Object({ Driver: text, Options: texts, Config: maybe(Type.Array(IpamConfigJson)) })
const ContainerJson = Type.Object({
  Name: text,
  EndpointID: text,
  MacAddress: text,
  IPv4Address: text,
  IPv6Address: text,
})
const NetworkJson = Type.Object({
  Id: Type.String({ minLength: 1 }),
  Name: Type.String(),
  Created: text,
  Scope: text,
  Driver: text,
  EnableIPv4: flag,
  EnableIPv6: flag,
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  ConfigOnly: flag,
  ConfigFrom: maybe(Type.Object({ Network: text })),
  IPAM: maybe(IpamJson),
  Options: texts,
  Labels: texts,
  Containers: maybe(Type.Record(anyKey, maybe(ContainerJson))),
})

const networkReading = readingOf(NetworkJson)

/** Reads one network of the engine. @throws {EngineError} `unexpected` when it is none. */
export function readNetwork(value: unknown, what: string): EngineNetwork {
  const network = networkReading(value, what)
  const { EnableIPv4 } = network
  return {
    Id: network.Id,
    Name: network.Name,
    Created: network.Created ?? '',
    Scope: network.Scope ?? '',
    Driver: network.Driver ?? '',
    ...(typeof EnableIPv4 === 'boolean' && { EnableIPv4 }),
    EnableIPv6: network.EnableIPv6 ?? false,
    Internal: network.Internal ?? false,
    Attachable: network.Attachable ?? false,
    Ingress: network.Ingress ?? false,
    ConfigOnly: network.ConfigOnly ?? false,
    ConfigFrom: { Network: network.ConfigFrom?.Network ?? '' },
    IPAM: ipam(network.IPAM ?? {}),
    Options: network.Options ?? {},
    Labels: network.Labels ?? {},
    Containers: Object.fromEntries(
      Object.entries(network.Containers ?? {}).map(([id, container]) => [id, containerOf(container ?? {})]),
    ),
  }
}

function ipam({ Driver, Options, Config }: Static<typeof IpamJson>): EngineIpam {
  return { Driver: Driver ?? '', Options: Options ?? {}, Config: (Config ?? []).map(ipamConfig) }
}

/** 20.10 tells the gateway of an automatic IPv6 pool with a prefix length, all others without. */
function ipamConfig({ Subnet, IPRange, Gateway, AuxiliaryAddresses }: Static<typeof IpamConfigJson>): EngineIpamConfig {
  const gateway = Gateway?.replace(/\/.*$/, '')
  return {
    Subnet: Subnet ?? '',
    ...(IPRange && { IPRange }),
    ...(gateway && { Gateway: gateway }),
    ...(AuxiliaryAddresses && Object.keys(AuxiliaryAddresses).length > 0 && { AuxiliaryAddresses }),
  }
}

function containerOf(container: Static<typeof ContainerJson>): EngineContainer {
  return {
    Name: container.Name ?? '',
    EndpointID: container.EndpointID ?? '',
    MacAddress: container.MacAddress ?? '',
    IPv4Address: container.IPv4Address ?? '',
    IPv6Address: container.IPv6Address ?? '',
  }
}
