import type { IpamDriver } from '../docker-plugin/drivers.ts'
import { refusing } from '../ownership/refuse.ts'
import type { IpamContext } from './context.ts'
import { releaseAddress } from './release-address.ts'
import { releasePool } from './release-pool.ts'
import { requestAddress } from './request-address.ts'
import { requestPool } from './request-pool.ts'

/** The IPAM driver: Docker's pools and addresses as Neutron's subnet pools and ports. */
export function openIpamDriver(context: IpamContext): IpamDriver {
  return {
    // Without RequiresMACAddress the port's own MAC (fa:16:3e:…) becomes the container's; with it Docker makes one up
    // and refuses ours. No replay: all state is in the network service.
    getCapabilities: () => Promise.resolve({ RequiresMACAddress: false, RequiresRequestReplay: false }),
    getDefaultAddressSpaces: () =>
      Promise.resolve({
        LocalDefaultAddressSpace: context.options.localAddressSpace,
        GlobalDefaultAddressSpace: context.options.globalAddressSpace,
      }),
    requestPool: (request, call) => refusing(() => requestPool(context, request, call)),
    releasePool: (request, call) => refusing(() => releasePool(context, request, call)),
    requestAddress: (request, call) => refusing(() => requestAddress(context, request, call)),
    releaseAddress: (request, call) => refusing(() => releaseAddress(context, request, call)),
  }
}
