import { lookup } from 'node:dns/promises'
import type { Logger } from 'pino'
import type { Config } from '../config/option-table.ts'
import type { LinkOps } from '../host-network/link-ops.ts'

/** Bytes that VXLAN over IPv4 or IPv6 adds to a packet: outer IP, UDP, VXLAN and the inner Ethernet header. */
const ENCAPSULATION = { 4: 50, 6: 70 }

/** What an Ethernet device usually carries, in bytes. */
const ETHERNET_MTU = 1500

/** Where this host takes part in the fabric. */
export interface LocalEndpoint {
  /** VTEP: where other hosts send VXLAN packets. `undefined` for a host alone. */
  address: string | undefined
  /** Bytes that containers may send at once. */
  mtu: number
  /** Why there is no address though one is wanted. */
  problem: string | undefined
}

/**
 * This host's VXLAN address and the containers' MTU: `[fabric] local_ip` and `mtu` if set, else by the route to the
 * store. With a SQLite store and no `local_ip` the host is alone and needs neither.
 */
export async function findLocalEndpoint(config: Config, linkOps: LinkOps, log: Logger): Promise<LocalEndpoint> {
  const target = config.fabric.local_ip ?? (await storeAddress(config))
  const given = config.fabric.mtu
  if (target === undefined) {
    const alone = config.store.url.startsWith('sqlite:')
    const problem = alone ? undefined : `no address belongs to the first host of ${config.store.url}`
    return { address: undefined, mtu: given > 0 ? given : ETHERNET_MTU, problem }
  }
  try {
    const route = await linkOps.routeTo(target)
    const address = config.fabric.local_ip ?? route.source
    const path = given > 0 ? given : usable(route.mtu)
    return { address, mtu: path - ENCAPSULATION[address.includes(':') ? 6 : 4], problem: undefined }
  } catch (error) {
    log.warn({ err: error, target }, 'no route to find the VXLAN address by')
    const path = given > 0 ? given : ETHERNET_MTU
    const problem = `no route leads to ${target}: set [fabric] local_ip to this host's address`
    return { address: config.fabric.local_ip, mtu: path - ENCAPSULATION[6], problem }
  }
}

/** Loopback's 65,536 bytes say nothing of the way to other hosts. */
function usable(mtu: number): number {
  return mtu >= 65_536 ? ETHERNET_MTU : mtu
}

/** The address of the store's first host: one on this very host does not tell the way to others. */
async function storeAddress(config: Config): Promise<string | undefined> {
  const host = /^(?:etcd|consul|zk)s?:\/\/(?:\[([^\]]+)\]|([^:,/]+))/
    .exec(config.store.url)
    ?.slice(1)
    .find(part => part)
  if (host === undefined) return undefined
  try {
    return (await lookup(host)).address
  } catch {
    return undefined
  }
}
