import { afterAll, beforeAll, expect, it } from 'vitest'
import { serveNeutron, type Answer, type ServedNeutron } from '../integration/neutron-api-fixture.ts'
import { apiRoutes, type ApiRequest, type LiveIds, mutatedApiRequest } from './neutron-api-requests.ts'
import { fuzzSeed, SeededRandom } from './seeded-random.ts'

const requests = Number(process.env.FUZZ_REQUESTS ?? 10_000)
/** After so many requests the resources that they name are made anew, since some requests delete them. */
const round = 200

let served: ServedNeutron
beforeAll(async () => {
  served = await serveNeutron()
})
afterAll(async () => served[Symbol.asyncDispose]())

it(`answers ${requests} mutated requests in Neutron's shape, none with a fault of its own`, async () => {
  const seed = fuzzSeed()
  const random = new SeededRandom(seed)
  const statuses = new Map<number, number>()
  for (let sent = 0; sent < requests; sent += round) {
    const routes = apiRoutes(await liveIds())
    for (let at = 0; at < round; at++) {
      const request = mutatedApiRequest(routes, random)
      const answer = await served.send(request.method, request.path, request)
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      expectNeutronsShape(answer, { request, seed })
    }
    await removeAll()
  }
  expect(served.errors).toEqual([])
  expect((await served.send('GET', '/v2.0/networks')).json()).toEqual({ networks: [] })
  // The requests reach all the kinds of answers, or they test nothing.
  for (const status of [200, 201, 204, 400, 404, 405, 409])
    expect(statuses.get(status) ?? 0, `answers with ${status}`).toBeGreaterThan(0)
})

function expectNeutronsShape(answer: Answer, { request, seed }: { request: ApiRequest; seed: number }): void {
  const report = (): string =>
    `FUZZ_SEED=${seed}: ${request.what}: ${request.method} ${request.path} ${JSON.stringify(request.headers)} ` +
    `${request.body?.toString().slice(0, 500) ?? ''} -> ${answer.status} ${answer.text.slice(0, 500)}`
  if (answer.status >= 500) expect.fail(report())
  if (answer.headers['x-openstack-request-id'] === undefined) expect.fail(report())
  if (answer.status < 400) return
  const error = (answer.json() as { NeutronError?: Record<string, unknown> }).NeutronError ?? {}
  const { type, message, detail } = error
  if (typeof type !== 'string' || typeof message !== 'string' || typeof detail !== 'string') expect.fail(report())
}

async function liveIds(): Promise<LiveIds> {
  const { networks, subnets, subnetpools, ports } = served.neutron
  const network = await networks.create({ name: 'live' })
  const subnet = await subnets.create({ network_id: network.id, ip_version: 4, cidr: '10.77.0.0/24' })
  const pool = await subnetpools.create({ name: 'live', prefixes: ['10.79.0.0/16'] })
  const port = await ports.create({ network_id: network.id })
  return { network: network.id, subnet: subnet.id, subnetpool: pool.id, port: port.id }
}

/** What the requests made is sound enough to be listed and deleted. */
async function removeAll(): Promise<void> {
  const { networks, subnets, subnetpools, ports } = served.neutron
  for (const collection of [ports, subnets, subnetpools, networks])
    for (const { id } of await collection.list()) await collection.delete(id)
}
