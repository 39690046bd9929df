import { isHostAddress, parseCidr, parseInterfaceAddress } from '../addressing/cidr.ts'
import { formatIpAddress, parseIpAddress } from '../addressing/ip-address.ts'
import type { UndoStack } from '../concurrency/undo-stack.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { IpamData } from '../docker-plugin/network-driver-messages.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Subnet } from '../neutron/resources.ts'
import { ifThere } from '../ownership/if-there.ts'
import { birthMark } from '../ownership/birth-marks.ts'
import { AUXILIARY_DEVICE_OWNER, dockerIdTags } from '../ownership/marks.ts'
import type { NetworkContext } from './context.ts'

interface Reservation {
  subnet: Subnet
  dockerId: string
  data: IpamData
  undo: UndoStack
}

/**
 * Keeps every `--aux-address` out of the containers' reach by a port of its own (upstream's D4). An address that
 * somebody has already is kept from them anyway.
 */
export async function reserveAuxiliaryAddresses(
  { neutron, options }: NetworkContext,
  { subnet, dockerId, data, undo }: Reservation,
  call: PluginCall,
): Promise<void> {
  for (const [name, cidr] of Object.entries(data.AuxAddresses ?? {})) {
    const ip_address = formatIpAddress(parseInterfaceAddress(cidr).address)
    refuseOutside(`--aux-address ${name}=${ip_address}`, { ip_address, subnet })
    try {
      call.signal.throwIfAborted()
      const port = await neutron.ports.create({
        network_id: subnet.network_id,
        name: `kuryr-aux-${name}`.slice(0, 255),
        fixed_ips: [{ subnet_id: subnet.id, ip_address }],
        description: birthMark(options.host),
        device_owner: AUXILIARY_DEVICE_OWNER,
        tags: dockerIdTags(dockerId),
      })
      undo.add(`port ${port.id}`, () => ifThere(neutron.ports.delete(port.id)))
    } catch (error) {
      if (!(error instanceof NeutronError && error.type === 'IpAddressAlreadyAllocated')) throw error
      call.log.info({ address: ip_address }, '--aux-address is in use in the subnet already: left as it is')
    }
  }
}

function refuseOutside(what: string, { ip_address, subnet }: { ip_address: string; subnet: Subnet }): void {
  if (isHostAddress(parseCidr(subnet.cidr), parseIpAddress(ip_address))) return
  throw new RangeError(`${what} is not one that a host in ${subnet.cidr} can have: give one of that subnet`)
}
