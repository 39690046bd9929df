import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { outputOf } from '../lab/processes/run-program.ts'
import { endpointOf, startContainer, unreachable } from './containers.ts'
import { everythingLeft, neutronContent } from './what-is-left.ts'

const PER_HOST = 20
const NEIGHBOUR_LIMIT = 'net.ipv4.neigh.default.gc_thresh3'

describe(`${PER_HOST} containers on each of two hosts, started at once`, () => {
  let lab: Lab
  let limit: string
  beforeAll(async () => {
    // The kernel's limit of learnt neighbours (1024) holds for all hosts and containers that this one kernel plays.
    limit = (await outputOf('sysctl', ['-n', NEIGHBOUR_LIMIT])).trim()
    await outputOf('sysctl', ['-w', `${NEIGHBOUR_LIMIT}=16384`])
    lab = await startLab({ name: 'many' })
  })
  afterAll(async () => {
    await lab.stop()
    await outputOf('sysctl', ['-w', `${NEIGHBOUR_LIMIT}=${limit}`])
  })

  it('all have addresses of their own, all reach one another, and nothing is left of them', async () => {
    const [one, two] = [lab.host(1), lab.host(2)]
    const before = await neutronContent(one)
    await one.docker('network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', '--subnet', '10.7.0.0/24', 'crowd')
    const all = [one, two].flatMap(host => names(host).map(name => ({ host, name })))
    await Promise.all(all.map(({ host, name }) => startContainer(host, name, '--net', 'crowd')))

    const endpoints = await Promise.all(all.map(({ host, name }) => endpointOf(host, name, 'crowd')))
    const addresses = endpoints.map(({ IPAddress }) => IPAddress)
    expect(new Set(addresses).size).toBe(all.length)
    expect(new Set(endpoints.map(({ MacAddress }) => MacAddress)).size).toBe(all.length)
    expect(addresses.every(address => /^10\.7\.0\.\d+$/.test(address))).toBe(true)

    const missed: Record<string, string[]> = {}
    for (const { host, name } of all) {
      const lost = await unreachable(host, name, addresses)
      if (lost.length > 0) missed[name] = lost
    }
    expect(missed).toEqual({})

    await Promise.all([one, two].map(host => host.docker('rm', '--force', ...names(host))))
    await two.docker('network', 'rm', 'crowd')
    expect(await neutronContent(one)).toEqual(before)
    expect(await everythingLeft(lab)).toEqual([])
  })
})

function names(host: DockerHost): string[] {
  return Array.from({ length: PER_HOST }, (_, index) => `${host.name}-c${index}`)
}
