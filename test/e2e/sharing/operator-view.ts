import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'

/** A shared network as `GET /kuryr/networks` tells it, as far as tests look. */
export interface NetworkView {
  id: string
  name: string
  state: string
  hosts: { host: string; state: string; alive: boolean; note?: string }[]
  endpoints: { host: string; container: string; addresses: string[] }[]
}

/** What the host's kuryr tells of the shared network of that name. */
export async function viewOf(host: DockerHost, name: string): Promise<NetworkView | undefined> {
  const { status, text } = await host.kuryr.ask('GET', '/kuryr/networks')
  if (status !== 200) throw new Error(`${host.name}: GET /kuryr/networks: ${status} ${text}`)
  return (JSON.parse(text) as { networks: NetworkView[] }).networks.find(network => network.name === name)
}

/** The problems in words, as `kuryr status` prints them. */
export async function problemsOf(host: DockerHost): Promise<string[]> {
  const { text } = await host.kuryr.ask('GET', '/kuryr/status')
  const { problems } = JSON.parse(text) as { problems: { what: string; why: string; todo: string }[] }
  return problems.map(({ what, why, todo }) => `${what}: ${why}: ${todo}`)
}

/** Waits until `kuryr status` of the host names a problem of these words. @throws Error if it does not. */
export function tellsProblem(host: DockerHost, words: RegExp): Promise<string> {
  return waitUntil(`${host.name} tells a problem ${String(words)}`, 20_000, async () =>
    (await problemsOf(host)).find(problem => words.test(problem)),
  )
}

/** Waits until `kuryr status` of the host names no problem at all. @throws Error with those that stay. */
export async function tellsNoProblem(host: DockerHost): Promise<void> {
  await waitUntil(`${host.name} has no problem`, 20_000, async () => {
    const problems = await problemsOf(host)
    if (problems.length > 0) throw new Error(problems.join('; '))
    return true
  })
}

/** The state and the note of a host's membership. */
export async function membership(
  viewer: DockerHost,
  network: string,
  host: DockerHost,
): Promise<{ state: string; note: string } | undefined> {
  const found = (await viewOf(viewer, network))?.hosts.find(member => member.host === host.name)
  return found && { state: found.state, note: found.note ?? '' }
}
