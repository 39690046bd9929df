import { createHash } from 'node:crypto'
import { NeutronError } from '../../neutron/errors.ts'
import { excerpt, invalidInput } from '../bodies/body-reader.ts'
import type { ServiceContext } from '../context.ts'
import type { Tables } from '../replica/tables.ts'

const form = /^([0-9a-f]{2})(:[0-9a-f]{2}){5}$/

/** A unicast MAC in lower case with colons. @throws NeutronError HTTPBadRequest */
export function checkedMac(text: string): string {
  const mac = text.toLowerCase().replaceAll('-', ':')
  const unicast = form.test(mac) && (parseInt(mac.slice(0, 2), 16) & 1) === 0
  if (unicast && mac !== '00:00:00:00:00:00') return mac
  throw invalidInput('mac_address', `${excerpt(text)} is not a valid MAC address`)
}

/**
 * A MAC of our prefix that no port of the network has, as far as this host knows. It follows from the port's first address
 * where it can: whoever gets that address after another is reached at once by all who still have the other's MAC in their
 * neighbour tables.
 */
export function generateMac(
  context: ServiceContext,
  tables: Tables,
  { networkId, address }: { networkId: string; address: string | undefined },
): string {
  const derived = address === undefined ? undefined : macOf(context, suffixFor(networkId, address))
  if (derived !== undefined && tables.macHolder(networkId, derived) === undefined) return derived
  for (;;) {
    const mac = macOf(context, Math.floor(context.random() * 2 ** 24))
    if (tables.macHolder(networkId, mac) === undefined) return mac
  }
}

function suffixFor(networkId: string, address: string): number {
  return createHash('sha256').update(`${networkId} ${address}`).digest().readUIntBE(0, 3)
}

function macOf({ macPrefix }: ServiceContext, suffix: number): string {
  const bytes = [suffix >>> 16, (suffix >>> 8) & 255, suffix & 255].map(byte => byte.toString(16).padStart(2, '0'))
  return `${macPrefix}:${bytes.join(':')}`
}

/** @throws NeutronError MacAddressInUse */
export function checkMacFree(tables: Tables, networkId: string, mac: string): void {
  if (tables.macHolder(networkId, mac) === undefined) return
  const message = `Unable to complete operation for network ${networkId}. The mac address ${mac} is in use.`
  throw new NeutronError('MacAddressInUse', message)
}
