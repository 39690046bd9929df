import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrivateDaemon } from '../integration/bad-input/private-daemon.ts'
import {
  dockerId,
  makeDockerNetwork,
  makeScene,
  removeDockerNetwork,
  type Scene,
  startContainer,
  stopContainer,
} from '../integration/bad-input/scene.ts'
import { withoutRevisions } from '../integration/bad-input/refusals.ts'
import { AbsurdCalls, absurdCalls } from './absurd-calls.ts'
import { fuzzMethod } from './fuzz-method.ts'
import { fuzzSeed, SeededRandom } from './seeded-random.ts'
import { validRequests } from './valid-requests.ts'
import { isWellFormed } from './well-formed.ts'

const seed = fuzzSeed()
const isRoot = process.getuid?.() === 0
const malformedPerMethod = Number(process.env.FUZZ_REQUESTS ?? 20_000)
const absurdPerMethod = Number(process.env.FUZZ_ROUNDS ?? 150)
/** MiB of JavaScript objects. The daemon starts with about 40; 440,000 requests that left 250 bytes each would kill it. */
const heapLimit = 128
const mebibyte = 2 ** 20

/** Methods that change nothing and accept whatever is well-formed: of these the well-formed requests may be sent too. */
const harmless = new Set([
  'Plugin.Activate',
  'NetworkDriver.GetCapabilities',
  'NetworkDriver.EndpointOperInfo',
  'NetworkDriver.DiscoverNew',
  'NetworkDriver.DiscoverDelete',
  'IpamDriver.GetCapabilities',
  'IpamDriver.GetDefaultAddressSpaces',
])

describe.skipIf(!isRoot)(`the whole daemon (needs root for namespaces; FUZZ_SEED=${seed})`, () => {
  let daemon: PrivateDaemon
  let scene: Scene
  let before: { resources: unknown; kernel: unknown; entries: Record<string, string> }

  beforeAll(async () => {
    process.stdout.write(`fuzzing the daemon; repeat with FUZZ_SEED=${seed}\n`)
    daemon = await PrivateDaemon.open({ heapLimit })
    scene = await makeScene(daemon)
    await daemon.stop()
    const entries = daemon.storedEntries()
    await daemon.start()
    before = { resources: await daemon.resources(), kernel: await daemon.kernelState(), entries }
  })

  afterAll(async () => (daemon as PrivateDaemon | undefined)?.[Symbol.asyncDispose]())

  it.each(Object.keys(validRequests))(`%s refuses ${malformedPerMethod} malformed requests`, async method => {
    const all = harmless.has(method)
    const report = await fuzzMethod({
      socketPath: daemon.socketPath,
      method,
      count: malformedPerMethod,
      seed,
      sendable: ({ body }) => all || !isWellFormed(method, body),
      judge: ({ body }, { status }) => {
        const expected = isWellFormed(method, body) ? 200 : 400
        return status === expected ? undefined : `expected status ${expected}`
      },
    })

    expect(report.faults).toEqual([])
    expect(report.sent).toBe(malformedPerMethod)
    expect(report.statuses[400]).toBeGreaterThan(malformedPerMethod / 100)
    expect(await daemon.resources()).toEqual(before.resources)
  })

  it.each(Object.keys(absurdCalls))(
    `%s survives ${absurdPerMethod} well-formed but absurd requests, all taken back`,
    async method => {
      const calls = new AbsurdCalls({ daemon, scene, random: new SeededRandom(seed) })
      for (let round = 0; round < absurdPerMethod; round++) await absurdCalls[method]?.(calls)

      expect(calls.report.faults).toEqual([])
      expect(withoutRevisions(await daemon.resources())).toEqual(withoutRevisions(before.resources))
      expect(await daemon.kernelState()).toEqual(before.kernel)
    },
  )

  it('holds a bounded amount of memory', () => expect(daemon.residentBytes() / mebibyte).toBeLessThan(500))

  it('still makes and removes networks and containers, and stops in order with nothing else in its store', async () => {
    const network = await makeDockerNetwork(daemon, { id: dockerId(3), cidr: '10.4.0.0/24' })
    const endpoint = await startContainer(daemon, { ...network, endpoint: dockerId(4) })
    await stopContainer(daemon, { ...network, endpoint })
    await removeDockerNetwork(daemon, network)

    expect(await daemon.kernelState()).toEqual(before.kernel)
    expect(await daemon.stop()).toBe(0)
    expect(await daemon.faults()).toEqual([])
    expect(Object.keys(daemon.storedEntries())).toEqual(Object.keys(before.entries))
  })

  it('removes the Docker network and its container after a restart', async () => {
    await daemon.start()
    await stopContainer(daemon, scene.docker)
    await removeDockerNetwork(daemon, scene.docker)

    expect(await daemon.kernelState()).toEqual({ host: ['lo'] })
  })
})
