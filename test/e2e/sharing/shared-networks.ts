import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'

/** A network as the Engine API tells it, as far as tests look. */
export interface EngineNetworkAnswer {
  Id: string
  Name: string
  Scope: string
  Driver: string
  EnableIPv6: boolean
  Internal: boolean
  Attachable: boolean
  IPAM: { Driver: string; Options: Record<string, string> | null; Config: Record<string, unknown>[] }
  Options: Record<string, string> | null
  Labels: Record<string, string> | null
  EnableIPv4?: boolean
  Containers: Record<string, { Name: string; EndpointID: string; IPv4Address: string; IPv6Address: string }>
}

/** The host's network of that name (or id); `undefined` when there is none. */
export async function networkOn(host: DockerHost, name: string): Promise<EngineNetworkAnswer | undefined> {
  const { status, body } = await host.api('GET', `/networks/${encodeURIComponent(name)}`)
  return status === 200 ? (body as EngineNetworkAnswer) : undefined
}

/** Waits until the host has the network. @throws Error if it does not come */
export function comesTo(host: DockerHost, name: string): Promise<EngineNetworkAnswer> {
  return waitUntil(`network ${name} does not come to ${host.name}`, 20_000, () => networkOn(host, name))
}

/** Waits until the host has no network of that name. @throws Error if it does not go */
export async function goesFrom(host: DockerHost, name: string): Promise<void> {
  await waitUntil(`network ${name} does not go from ${host.name}`, 20_000, async () =>
    (await networkOn(host, name)) === undefined ? true : undefined,
  )
}

/** `docker network create` of our driver. Returns the id. */
export async function createNetwork(host: DockerHost, name: string, ...options: string[]): Promise<string> {
  const create = ['network', 'create', '--driver=kuryr', '--ipam-driver=kuryr']
  return (await host.docker(...create, ...options, name)).trim()
}

/** The id under which all hosts know the network. */
export function sharedIdOf({ Id, Options }: EngineNetworkAnswer): string {
  return Options?.['kuryr.shared.id'] ?? Id
}
