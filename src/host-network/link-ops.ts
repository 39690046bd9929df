import type { VirtualFunction } from './virtual-function.ts'

/** A network namespace by its name below /run/netns; `undefined` is the host's own. */
export type Namespace = string | undefined

/**
 * All that the rest of the program may do to the host's links, and the only door to them. Every call is one act on the
 * kernel; names, addresses and numbers are checked before they reach it. Failures are `HostNetworkError`s.
 */
export interface LinkOps {
  listNamespaces(): Promise<string[]>
  /** Fails with `exists` if a namespace of this name is there. */
  createNamespace(name: string): Promise<void>
  /** Removes the name; what is inside goes when nothing uses it any more. An absent one is success. */
  deleteNamespace(name: string): Promise<void>
  /** Writes keys such as `net.ipv6.conf.all.disable_ipv6`, in this order. Keys that this kernel lacks are passed over. */
  setSysctls(namespace: Namespace, settings: Sysctl[]): Promise<void>

  /** A bridge that is up, without spanning tree and multicast snooping. */
  createBridge(bridge: BridgeSpec): Promise<void>
  /** A VXLAN device that lives in `namespace` and whose UDP socket is in the host's. It is down and in no bridge. */
  createVxlan(vxlan: VxlanSpec): Promise<void>
  /** A veth pair in one kernel message: host end up, in the bridge of its namespace; container end down, in the host's. */
  createVeth(veth: VethSpec): Promise<void>
  /**
   * Has the kernel finish the checksums of what the device sends. Who reads packets from the other end without the
   * kernel (Open vSwitch's userspace datapath) sees unfinished ones else. It goes with the device into a sandbox.
   */
  finishChecksums(target: Device): Promise<void>
  /** A link in the host's namespace that shares a parent device with others, down. */
  createChildLink(child: ChildLinkSpec): Promise<void>
  /** The virtual function of an SR-IOV card at this PCI address. */
  findVirtualFunction(pciAddress: string): Promise<VirtualFunction>
  /**
   * Gives a virtual function its MAC and VLAN (0: none) at its card, and its device MAC, MTU and the remark; `undefined`
   * takes them back and sets the device down.
   */
  setVirtualFunction(target: VirtualFunction, to: VirtualFunctionUse | undefined): Promise<void>
  /** Puts a device into a bridge and sets it up. */
  joinBridge(member: BridgeMember): Promise<void>
  setMtu(namespace: Namespace, device: string, mtu: number): Promise<void>
  /** Deletes these links, many at the price of one. Absent ones are success. */
  deleteLinks(namespace: Namespace, names: string[]): Promise<void>
  listLinks(namespace: Namespace): Promise<Link[]>

  /** Entries of a VXLAN device that is in a bridge: in the device (where to send) and in the bridge (by which port). */
  listForwarding(namespace: Namespace, device: string): Promise<ForwardingState[]>
  /** All changes in one batch. Where one fails the others are still made, and the call rejects. */
  changeForwarding(target: Device, changes: Changes<ForwardingEntry>): Promise<void>
  /** Permanent neighbour entries, IPv4 and IPv6. */
  listNeighbours(namespace: Namespace, device: string): Promise<NeighbourEntry[]>
  /** All changes in one batch per family. Where one fails the other family's are still made, and the call rejects. */
  changeNeighbours(target: Device, changes: Changes<NeighbourEntry>): Promise<void>

  /** How the host reaches `address`: by which device, from which address of its own, with which MTU in bytes. */
  routeTo(address: string): Promise<Route>
}

export interface Sysctl {
  key: string
  value: number
}

export interface BridgeSpec {
  namespace: Namespace
  name: string
  mtu: number
}

export interface VxlanSpec {
  namespace: Namespace
  name: string
  mtu: number
  vni: number
  /** Source address of the VXLAN packets: one of the host's. */
  localAddress: string
  /** UDP port, on both sides. */
  port: number
}

export interface VethSpec {
  /** Where the host end and its bridge are. */
  namespace: Namespace
  hostEnd: string
  /** Left out: whoever wires the port does it. */
  bridge?: string
  containerEnd: string
  /** Of the container end; the kernel's choice if left out. */
  mac?: string
  /** Of both ends. */
  mtu: number
  /** A remark that the host end carries from then on: 1 to 200 of A-Z a-z 0-9 _ : . - */
  alias?: string
}

export interface ChildLinkSpec {
  /** A `macvtap` has its parent alone (mode `passthru`), and so may have its MAC. */
  kind: 'macvlan' | 'macvtap' | 'ipvlan' | 'vlan'
  parent: string
  name: string
  mtu: number
  /** Left out for `ipvlan`, whose links have their parent's. */
  mac?: string
  /** VLAN id, 1 to 4094, of `vlan`. */
  vlan?: number
  /** As that of {@link VethSpec}. */
  alias: string
}

export interface VirtualFunctionUse {
  mac: string
  vlan: number
  mtu: number
  alias: string
  /** Whether its device is to be up: a child of it has no carrier else. */
  up: boolean
}

export interface BridgeMember {
  namespace: Namespace
  device: string
  bridge: string
  /** Whether the bridge learns addresses from frames that come in here. */
  learning: boolean
}

export interface Device {
  namespace: Namespace
  device: string
}

export interface Changes<Entry> {
  replace: Entry[]
  remove: Entry[]
}

export interface ForwardingEntry {
  mac: string
  /** The host (VTEP) behind which `mac` is. */
  destination: string
}

/** What the kernel holds for a MAC in its two tables. */
export interface ForwardingState {
  mac: string
  /** The first one that the device holds; undefined if only the bridge knows the MAC. */
  destination: string | undefined
  /** True if both tables hold it for good, and the device exactly once. */
  complete: boolean
}

export interface NeighbourEntry {
  address: string
  mac: string
}

export interface Link {
  name: string
  index: number
  mac: string
  mtu: number
  up: boolean
  /** Name of the bridge it is in. */
  bridge: string | undefined
  /** `bridge`, `vxlan`, `veth`, …; undefined for hardware and loopback. */
  kind: string | undefined
  vxlan: { vni: number; localAddress: string | undefined; port: number } | undefined
  /** The remark that was left on it. */
  alias: string | undefined
  /** PCI address of hardware. */
  parentDevice: string | undefined
}

export interface Route {
  device: string
  source: string
  mtu: number
}
