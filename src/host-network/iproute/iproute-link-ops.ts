import { readdir } from 'node:fs/promises'
import { failedBecause, HostNetworkError } from '../host-network-error.ts'
import type {
  BridgeMember,
  BridgeSpec,
  Changes,
  ChildLinkSpec,
  Device,
  ForwardingEntry,
  ForwardingState,
  Link,
  LinkOps,
  Namespace,
  NeighbourEntry,
  Route,
  Sysctl,
  VethSpec,
  VirtualFunctionUse,
  VxlanSpec,
} from '../link-ops.ts'
import {
  checkedAddress,
  checkedInteger,
  checkedInterfaceName,
  checkedMac,
  checkedNamespaceName,
  checkedRemark,
} from '../names.ts'
import { findVirtualFunction, type VirtualFunction } from '../virtual-function.ts'
import { IprouteCommands, type IprouteOptions } from './iproute-commands.ts'
import { readForwarding, readLinks, readNeighbours, readRoute } from './show-output.ts'

/** Where `ip netns` keeps names. */
const namespacesFolder = '/run/netns'
/** A device group of our own, through which links are deleted in bulk. */
const doomedGroup = '1802858089'
/** From this many links on, one bulk deletion is quicker than one by one (16 ms each). */
const worthBulk = 2

/** {@link LinkOps} by iproute2 (`ip`, `bridge`) and procps (`sysctl`): short-lived processes fed by standard input. */
export class IprouteLinkOps implements LinkOps {
  readonly #commands: IprouteCommands

  constructor(options: IprouteOptions = {}) {
    if (options.hostNamespace !== undefined) checkedNamespaceName(options.hostNamespace)
    this.#commands = new IprouteCommands(options)
  }

  async listNamespaces(): Promise<string[]> {
    try {
      return await readdir(namespacesFolder)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw new HostNetworkError('other', `${namespacesFolder} cannot be listed: ${String(error)}`)
    }
  }

  async createNamespace(name: string): Promise<void> {
    await this.#commands.netns('add', checkedNamespaceName(name))
  }

  async deleteNamespace(name: string): Promise<void> {
    try {
      await this.#commands.netns('del', checkedNamespaceName(name))
    } catch (error) {
      if (!failedBecause(error, 'absent')) throw error
    }
  }

  async setSysctls(namespace: Namespace, settings: Sysctl[]): Promise<void> {
    await this.#commands.sysctl(checkedNamespace(namespace), settings.map(sysctlAssignment))
  }

  async createBridge(bridge: BridgeSpec): Promise<void> {
    const kind = 'up type bridge stp_state 0 forward_delay 0 mcast_snooping 0'.split(' ')
    const line = ['link', 'add', 'name', checkedInterfaceName(bridge.name), 'mtu', checkedMtu(bridge.mtu), ...kind]
    await this.#batch(bridge.namespace, [line])
  }

  async createVxlan(vxlan: VxlanSpec): Promise<void> {
    // From the host's namespace, so that its UDP socket is there; born in the other, so that a crash leaves nothing half.
    const place = vxlan.namespace === undefined ? [] : ['netns', checkedNamespaceName(vxlan.namespace)]
    const kind = [
      'type',
      'vxlan',
      'id',
      checkedInteger(vxlan.vni, 1, 0xffffff),
      'local',
      checkedAddress(vxlan.localAddress),
    ]
    const port = ['dstport', checkedInteger(vxlan.port, 1, 65535), 'nolearning', 'proxy']
    const name = ['link', 'add', 'name', checkedInterfaceName(vxlan.name), ...place, 'mtu', checkedMtu(vxlan.mtu)]
    await this.#batch(undefined, [[...name, ...kind, ...port]])
  }

  async createVeth(veth: VethSpec): Promise<void> {
    const mtu = ['mtu', checkedMtu(veth.mtu)]
    const name = checkedInterfaceName(veth.hostEnd)
    const master = veth.bridge === undefined ? [] : ['master', checkedInterfaceName(veth.bridge)]
    const address = veth.mac === undefined ? [] : ['address', checkedMac(veth.mac)]
    const peer = ['peer', 'name', checkedInterfaceName(veth.containerEnd), ...address, ...mtu]
    const place = veth.namespace === undefined ? [] : ['netns', this.#commands.hostNamespacePath]
    const lines = [['link', 'add', 'name', name, ...master, ...mtu, 'up', 'type', 'veth', ...peer, ...place]]
    // Not taken in the message that makes it.
    if (veth.alias !== undefined) lines.push(['link', 'set', 'dev', name, 'alias', checkedRemark(veth.alias)])
    await this.#batch(veth.namespace, lines)
  }

  async createChildLink(child: ChildLinkSpec): Promise<void> {
    const name = checkedInterfaceName(child.name)
    const place = ['link', 'add', 'link', checkedInterfaceName(child.parent), 'name', name]
    const address = child.mac === undefined ? [] : ['address', checkedMac(child.mac)]
    const lines = [
      [...place, ...address, 'mtu', checkedMtu(child.mtu), 'type', child.kind, ...modeOf(child)],
      ['link', 'set', 'dev', name, 'alias', checkedRemark(child.alias)],
    ]
    await this.#batch(undefined, lines)
  }

  findVirtualFunction(pciAddress: string): Promise<VirtualFunction> {
    return findVirtualFunction(pciAddress)
  }

  async setVirtualFunction(target: VirtualFunction, to: VirtualFunctionUse | undefined): Promise<void> {
    const { mac, vlan, mtu, alias, up } = to ?? { ...unusedFunction, mtu: undefined }
    const device = ['link', 'set', 'dev', checkedInterfaceName(target.device)]
    const index = ['vf', checkedInteger(target.index, 0, 65535)]
    const card = ['link', 'set', 'dev', checkedInterfaceName(target.physicalDevice), ...index]
    const address = to === undefined ? mac : checkedMac(mac)
    const lines = [
      [...card, 'mac', address, 'vlan', checkedInteger(vlan, 0, 4094)],
      ...(mtu === undefined ? [] : [[...device, 'address', address, 'mtu', checkedMtu(mtu)]]),
      [...device, 'alias', alias === '' ? '""' : checkedRemark(alias)],
      [...device, up ? 'up' : 'down'],
    ]
    await this.#batch(undefined, lines)
  }

  async finishChecksums({ namespace, device }: Device): Promise<void> {
    const off = ['-K', checkedInterfaceName(device), 'tx', 'off']
    await this.#commands.ethtool(checkedNamespace(namespace), off)
  }

  async joinBridge(member: BridgeMember): Promise<void> {
    const device = ['link', 'set', 'dev', checkedInterfaceName(member.device)]
    const learning = ['type', 'bridge_slave', 'learning', member.learning ? 'on' : 'off']
    const lines = [
      [...device, 'master', checkedInterfaceName(member.bridge)],
      [...device, ...learning],
      [...device, 'up'],
    ]
    await this.#batch(member.namespace, lines)
  }

  async setMtu(namespace: Namespace, device: string, mtu: number): Promise<void> {
    await this.#batch(namespace, [['link', 'set', 'dev', checkedInterfaceName(device), 'mtu', checkedMtu(mtu)]])
  }

  async deleteLinks(namespace: Namespace, names: string[]): Promise<void> {
    const devices = names.map(name => ['dev', checkedInterfaceName(name)])
    const bulk = devices.length >= worthBulk
    const lines = devices.map(device => [
      'link',
      ...(bulk ? ['set', ...device, 'group', doomedGroup] : ['del', ...device]),
    ])
    if (bulk) lines.push(['link', 'del', 'group', doomedGroup])
    await this.#commands.batchOfDeletions('ip', checkedNamespace(namespace), lines)
  }

  async listLinks(namespace: Namespace): Promise<Link[]> {
    return readLinks(await this.#commands.run('ip', checkedNamespace(namespace), ['-d', '-j', 'link', 'show']))
  }

  async listForwarding(namespace: Namespace, device: string): Promise<ForwardingState[]> {
    const show = ['-j', 'fdb', 'show', 'dev', checkedInterfaceName(device)]
    return readForwarding(await this.#commands.run('bridge', checkedNamespace(namespace), show))
  }

  async changeForwarding(target: Device, changes: Changes<ForwardingEntry>): Promise<void> {
    const device = ['dev', checkedInterfaceName(target.device)]
    const namespace = checkedNamespace(target.namespace)
    const del = (entry: ForwardingEntry, table: string): string[] => [
      'fdb',
      'del',
      checkedMac(entry.mac),
      ...device,
      table,
    ]
    const removals = changes.remove.flatMap(entry => [del(entry, 'self'), del(entry, 'master')])
    const lines = changes.replace.map(({ mac, destination }) => {
      const via = ['dst', checkedAddress(destination), 'self', 'master', 'static']
      return ['fdb', 'replace', checkedMac(mac), ...device, ...via]
    })
    await this.#commands.batchOfDeletions('bridge', namespace, removals)
    await this.#commands.batch('bridge', namespace, { lines, goOn: true })
  }

  async listNeighbours(namespace: Namespace, device: string): Promise<NeighbourEntry[]> {
    const show = ['-j', 'neigh', 'show', 'dev', checkedInterfaceName(device)]
    return readNeighbours(await this.#commands.run('ip', checkedNamespace(namespace), show))
  }

  async changeNeighbours(target: Device, changes: Changes<NeighbourEntry>): Promise<void> {
    const device = ['dev', checkedInterfaceName(target.device)]
    const lines = changes.replace.map(({ address, mac }) => {
      return ['neigh', 'replace', checkedAddress(address), 'lladdr', checkedMac(mac), ...device, 'nud', 'permanent']
    })
    await this.#removeNeighbours(target, changes.remove)
    // `ip neigh` ends a batch at its first refusal, -force or not: a host that refuses IPv6 shall still take IPv4.
    const families = [lines.filter(line => !line[2]?.includes(':')), lines.filter(line => line[2]?.includes(':'))]
    const results = await Promise.allSettled(families.map(family => this.#batch(target.namespace, family)))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async routeTo(address: string): Promise<Route> {
    const route = readRoute(await this.#commands.run('ip', undefined, ['-j', 'route', 'get', checkedAddress(address)]))
    if (route === undefined)
      throw new HostNetworkError('absent', `this host has no route with a source address to ${address}`)
    if (route.mtu !== undefined) return { ...route, mtu: route.mtu }
    const link = (await this.listLinks(undefined)).find(candidate => candidate.name === route.device)
    if (link === undefined) throw new HostNetworkError('absent', `the device ${route.device} to ${address} is gone`)
    return { ...route, mtu: link.mtu }
  }

  async #removeNeighbours(target: Device, entries: NeighbourEntry[]): Promise<void> {
    const device = ['dev', checkedInterfaceName(target.device)]
    const line = ({ address }: NeighbourEntry): string[] => ['neigh', 'del', checkedAddress(address), ...device]
    try {
      await this.#batch(target.namespace, entries.map(line))
    } catch (error) {
      if (!failedBecause(error, 'absent')) throw error
      // One was gone already, and those after it were not tried.
      const present = new Set((await this.listNeighbours(target.namespace, target.device)).map(entry => entry.address))
      await this.#batch(target.namespace, entries.filter(entry => present.has(entry.address)).map(line))
    }
  }

  async #batch(namespace: Namespace, lines: string[][]): Promise<void> {
    await this.#commands.batch('ip', checkedNamespace(namespace), { lines })
  }
}

/** A card takes this MAC for "any". */
const unusedFunction = { mac: '00:00:00:00:00:00', vlan: 0, alias: '', up: false }

/** `bridge` and `l2`: children of one parent reach one another. */
function modeOf({ kind, vlan }: ChildLinkSpec): string[] {
  if (kind === 'vlan') return ['id', checkedInteger(vlan ?? 0, 1, 4094)]
  return ['mode', { macvlan: 'bridge', macvtap: 'passthru', ipvlan: 'l2' }[kind]]
}

function checkedNamespace(namespace: Namespace): Namespace {
  return namespace === undefined ? undefined : checkedNamespaceName(namespace)
}

/** 68 is the least MTU of IPv4, 65535 the most that the kernel gives these devices. */
function checkedMtu(mtu: number): string {
  return checkedInteger(mtu, 68, 65535)
}

function sysctlAssignment({ key, value }: Sysctl): string {
  if (!/^net(\.[A-Za-z0-9_-]+)+$/.test(key)) {
    throw new HostNetworkError('invalid-argument', `expected a key below net., got ${JSON.stringify(key)}`)
  }
  return `${key}=${checkedInteger(value, -(2 ** 31), 2 ** 31 - 1)}`
}
