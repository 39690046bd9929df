import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { imageName } from '../lab/image.ts'

/** A container's place in one network, as Docker tells it. */
export interface EndpointSettings {
  NetworkID: string
  EndpointID: string
  IPAddress: string
  GlobalIPv6Address: string
  MacAddress: string
  Gateway: string
}

/** Starts a container that does nothing, on the given network, and stops at once when told to. */
export async function startContainer(host: DockerHost, name: string, ...options: string[]): Promise<void> {
  // The first process of a container ignores SIGTERM: Docker would wait 10 s for it at each stop, and after each crash.
  const run = ['run', '--detach', '--name', name, '--stop-signal', 'SIGKILL', ...options]
  await host.docker(...run, imageName, 'sleep', '100000')
}

/** Where the container is in the network. @throws Error if it is not in it */
export async function endpointOf(host: DockerHost, container: string, network: string): Promise<EndpointSettings> {
  const { body } = await host.api('GET', `/containers/${container}/json`)
  const { NetworkSettings } = body as { NetworkSettings: { Networks: Record<string, EndpointSettings> } }
  const found = NetworkSettings.Networks[network]
  if (found === undefined) throw new Error(`container ${container} on ${host.name} is not in network ${network}`)
  return found
}

/** Whether one packet of three comes back: the first may be lost while neighbours are found. */
export async function pings(host: DockerHost, container: string, address: string): Promise<boolean> {
  const { exitCode } = await host.tryDocker('exec', container, 'ping', '-c', '3', '-i', '0.2', '-W', '2', address)
  return exitCode === 0
}

/** Which of these addresses the container does not reach. All are asked at once, by one process in the container. */
export async function unreachable(
  host: DockerHost,
  container: string,
  addresses: readonly string[],
): Promise<string[]> {
  const script = 'for a in "$@"; do (ping -c 3 -i 0.3 -W 3 "$a" >/dev/null || echo "$a") & done; wait'
  const output = await host.docker('exec', container, 'sh', '-c', script, 'sh', ...addresses)
  return output.split('\n').filter(line => line !== '')
}
