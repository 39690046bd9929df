import type { Condition } from '../../store/store.ts'
import { keys } from '../keys.ts'
import type { AddressClaim } from '../records.ts'
import type { Tables } from '../replica/tables.ts'
import type { ChosenAddress } from './choose-addresses.ts'

/** What makes the new ones among `addresses` the port's: each key of an address is made on condition that it is absent. */
export function claimAddresses(
  tables: Tables,
  portId: string,
  addresses: readonly ChosenAddress[],
): { when: Condition[]; put: Record<string, AddressClaim> } {
  const taken = addresses.filter(({ origin }) => origin !== 'kept')
  const keyOf = ({ fixedIp }: ChosenAddress) => keys.address(fixedIp.subnet_id, fixedIp.ip_address)
  const subnets = new Set(taken.map(({ subnet }) => subnet.id))
  return {
    when: [
      ...taken.map((address): Condition => ({ key: keyOf(address), exists: false })),
      // The subnet is there, and its allocation pools are still those that were looked at.
      ...[...subnets].map((id): Condition => ({
        key: keys.subnet(id),
        modRevision: tables.subnets.get(id)?.modRevision ?? 0,
      })),
    ],
    put: Object.fromEntries(
      taken.map(address => [keyOf(address), { port: portId, chosen: address.origin === 'chosen' }]),
    ),
  }
}
