import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { ExternalConnectivityRequest } from '../docker-plugin/network-driver-messages.ts'

/**
 * `NetworkDriver.ProgramExternalConnectivity`: exposed ports need nothing, because containers of a network reach each
 * other on every port. Published ports (`-p`) are not supported, and silence would be worse than a word in the log.
 */
export function programExternalConnectivity(request: ExternalConnectivityRequest, call: PluginCall): Promise<void> {
  const published = request.Options?.['com.docker.network.portmap']
  if (Array.isArray(published) && published.length > 0) {
    call.log.warn(
      { published },
      'published ports (-p) have no effect on a kuryr network: reach the container at its own address',
    )
  }
  return Promise.resolve()
}
