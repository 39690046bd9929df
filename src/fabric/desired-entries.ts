import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Port } from '../neutron/resources.ts'

/** What a network's VXLAN device knows of the containers on other hosts. */
export interface RemoteEntries {
  /** MAC to the address of the host that has it. */
  forwarding: Map<string, string>
  /** IP address (as the kernel prints it) to MAC. */
  neighbours: Map<string, string>
}

export interface DesiredInput {
  /** All ports of one network. */
  ports: Iterable<Port>
  /** This host's name: its own ports need no entry. */
  host: string
  /** This host's tunnel address; undefined where nothing leaves the host. */
  localAddress: string | undefined
  tunnelAddress(host: string): string | undefined
}

export interface Desired {
  entries: RemoteEntries
  /** Ports bound on other hosts, reachable or not. */
  remotePorts: number
  /** Host to the reason, in words, why its ports get no entry. */
  unreachable: Map<string, string>
}

/** Computes which entries a network must have on this host: one per MAC and one per address of each port bound elsewhere. */
export function desiredEntries(input: DesiredInput): Desired {
  const desired: Desired = {
    entries: { forwarding: new Map(), neighbours: new Map() },
    remotePorts: 0,
    unreachable: new Map(),
  }
  const destinations = new Map<string, string | undefined>()
  for (const port of input.ports) {
    const host = port['binding:host_id']
    if (host === '' || host === input.host) continue
    desired.remotePorts++
    if (!destinations.has(host)) destinations.set(host, destinationOf(host, input, desired.unreachable))
    const destination = destinations.get(host)
    if (destination !== undefined) addPort(desired.entries, port, destination)
  }
  return desired
}

function addPort(entries: RemoteEntries, port: Port, destination: string): void {
  const mac = port.mac_address.toLowerCase()
  entries.forwarding.set(mac, destination)
  for (const { ip_address: address } of port.fixed_ips) entries.neighbours.set(asKernelPrints(address), mac)
}

function destinationOf(host: string, input: DesiredInput, unreachable: Map<string, string>): string | undefined {
  const address = input.tunnelAddress(host)
  const reason = whyUnreachable(address, input.localAddress)
  if (reason === undefined && address !== undefined) return asKernelPrints(address)
  unreachable.set(host, reason ?? 'unknown')
  return undefined
}

function whyUnreachable(address: string | undefined, localAddress: string | undefined): string | undefined {
  if (localAddress === undefined) return 'this host has no tunnel address: set [fabric] local_ip'
  if (address === undefined) return 'its tunnel address is not known: its kuryr has not reported one yet'
  if (isIP(address) === 0) return `its tunnel address ${JSON.stringify(address)} is not an IP address`
  if (isIP(address) !== isIP(localAddress))
    return `its tunnel address ${address} is of another family than ${localAddress}`
  return undefined
}

function asKernelPrints(address: string): string {
  return isIP(address) === 6 ? ipaddr.parse(address).toString() : address
}
