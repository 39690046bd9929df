import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { HostNetworkError } from '../host-network-error.ts'
import type { ForwardingState, Link, NeighbourEntry } from '../link-ops.ts'

const LinkJson = Type.Object({
  ifname: Type.String(),
  ifindex: Type.Integer(),
  mtu: Type.Integer(),
  flags: Type.Array(Type.String()),
  address: Type.Optional(Type.String()),
  master: Type.Optional(Type.String()),
  ifalias: Type.Optional(Type.String()),
  parentbus: Type.Optional(Type.String()),
  parentdev: Type.Optional(Type.String()),
  linkinfo: Type.Optional(
    Type.Object({
      info_kind: Type.Optional(Type.String()),
      info_data: Type.Optional(
        Type.Object({
          id: Type.Optional(Type.Integer()),
          local: Type.Optional(Type.String()),
          local6: Type.Optional(Type.String()),
          port: Type.Optional(Type.Integer()),
        }),
      ),
    }),
  ),
})
const LinksJson = Type.Array(LinkJson)
const ForwardingJson = Type.Array(
  Type.Object({
    mac: Type.String(),
    dst: Type.Optional(Type.String()),
    master: Type.Optional(Type.String()),
    state: Type.Optional(Type.String()),
    flags: Type.Array(Type.String()),
  }),
)
const NeighboursJson = Type.Array(
  Type.Object({ dst: Type.String(), lladdr: Type.Optional(Type.String()), state: Type.Array(Type.String()) }),
)
const RoutesJson = Type.Array(
  Type.Object({
    dev: Type.String(),
    prefsrc: Type.Optional(Type.String()),
    metrics: Type.Optional(Type.Array(Type.Object({ mtu: Type.Optional(Type.Integer()) }))),
  }),
)

/** Reads `ip -d -j link show`. */
export function readLinks(output: string): Link[] {
  return parse(LinksJson, output).map(link => ({
    name: link.ifname,
    index: link.ifindex,
    mac: link.address ?? '',
    mtu: link.mtu,
    up: link.flags.includes('UP'),
    bridge: link.master,
    kind: link.linkinfo?.info_kind,
    alias: link.ifalias,
    parentDevice: link.parentbus === 'pci' ? link.parentdev : undefined,
    vxlan: link.linkinfo?.info_kind === 'vxlan' ? readVxlan(link.linkinfo.info_data ?? {}) : undefined,
  }))
}

function readVxlan(data: { id?: number; local?: string; local6?: string; port?: number }): Link['vxlan'] {
  return { vni: data.id ?? 0, localAddress: data.local ?? data.local6, port: data.port ?? 0 }
}

/**
 * Reads `bridge -j fdb show dev D` of a VXLAN device. One MAC has up to two rows: the device's (`dst`), and the
 * bridge's (`master`), which must be static or else the bridge would forget or override it.
 */
export function readForwarding(output: string): ForwardingState[] {
  const rows = parse(ForwardingJson, output)
  const inBridge = new Set(rows.filter(row => row.master !== undefined && row.state === 'static').map(row => row.mac))
  const inDevice = Map.groupBy(
    rows.filter(row => row.flags.includes('self')),
    row => row.mac,
  )
  return [...new Set([...inBridge, ...inDevice.keys()])].map(mac => {
    const [first, ...others] = inDevice.get(mac) ?? []
    const lasting = first?.state === 'static' || first?.state === 'permanent'
    return { mac, destination: first?.dst, complete: lasting && others.length === 0 && inBridge.has(mac) }
  })
}

/** Reads `ip -j neigh show dev D`; only what was set by hand. */
export function readNeighbours(output: string): NeighbourEntry[] {
  return parse(NeighboursJson, output)
    .filter(row => row.state.includes('PERMANENT'))
    .map(row => ({ address: row.dst, mac: row.lladdr ?? '' }))
}

/** Reads `ip -j route get ADDRESS`; `mtu` only if the route itself sets one. */
export function readRoute(output: string): { device: string; source: string; mtu: number | undefined } | undefined {
  const [route] = parse(RoutesJson, output)
  if (route?.prefsrc === undefined) return undefined
  return { device: route.dev, source: route.prefsrc, mtu: route.metrics?.find(metric => metric.mtu !== undefined)?.mtu }
}

function parse<Schema extends TSchema>(schema: Schema, output: string): Static<Schema> {
  const text = output.trim()
  try {
    return Value.Parse(schema, text === '' ? [] : JSON.parse(text))
  } catch (error) {
    throw new HostNetworkError(
      'other',
      `iproute2 printed what was not expected (6.1 is known to work): ${String(error)}`,
    )
  }
}
