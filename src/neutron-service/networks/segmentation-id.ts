import { NeutronError } from '../../neutron/errors.ts'
import type { ServiceContext } from '../context.ts'
import type { Tables } from '../replica/tables.ts'

const randomTries = 64
const largestVni = 2 ** 24 - 1

/**
 * The VXLAN network identifier for a new network: the wanted one, or a free one at random (so that two hosts seldom
 * choose alike).
 * @throws NeutronError InvalidInput, VxlanNetworkInUse, NoNetworkAvailable
 */
export function chooseSegmentationId(context: ServiceContext, tables: Tables, wanted: number | undefined): number {
  if (wanted !== undefined) return checkedWanted(tables, wanted)
  const { first, last } = context.vniRange
  for (let tries = 0; tries < randomTries; tries += 1) {
    const vni = first + Math.floor(context.random() * (last - first + 1))
    if (!tables.vnis.has(vni)) return vni
  }
  for (let vni = first; vni <= last; vni += 1) if (!tables.vnis.has(vni)) return vni
  const message = `Unable to create the network. No tenant network is available for allocation: all of ${first} to ${last} are in use.`
  throw new NeutronError('NoNetworkAvailable', message)
}

function checkedWanted(tables: Tables, wanted: number): number {
  if (wanted < 1 || wanted > largestVni) {
    const message = `Invalid input for operation: segmentation_id out of range (1 through ${largestVni}), got ${wanted}.`
    throw new NeutronError('InvalidInput', message)
  }
  if (!tables.vnis.has(wanted)) return wanted
  throw new NeutronError('VxlanNetworkInUse', `Unable to create the network. The VXLAN network ID ${wanted} is in use.`)
}
