/**
 * Cost of one allocation (a port made, then deleted) in a /16 that is empty, half full and 99 % full, as ratios to the
 * empty one, and the memory of a full one. `bin/node bench/allocation.ts [store URL]`; default: SQLite in a directory of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stdout } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openNeutronService } from '../src/neutron-service/open-neutron-service.ts'
import type { NeutronService } from '../src/neutron-service/neutron-service.ts'
import { openStore } from '../src/store/open-store.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
/** Allocations per measurement, and how many at once while filling. */
const samples = 200
const atOnce = 64
/** Addresses that a /16 with a gateway can give. */
const capacity = 65_533
const shares = [0, 0.5, 0.99]

async function fill(neutron: NeutronService, networkId: string, ports: number): Promise<void> {
  for (let made = 0; made < ports; made += atOnce) {
    const some = Math.min(atOnce, ports - made)
    await Promise.all(Array.from({ length: some }, () => neutron.ports.create({ network_id: networkId })))
  }
}

/** Median milliseconds of one create and delete in each network, taken in turns so that all see the same machine. */
async function costs(neutron: NeutronService, networkIds: readonly string[]): Promise<number[]> {
  const times = networkIds.map((): number[] => [])
  for (let count = 0; count < samples; count += 1) {
    for (const [at, networkId] of networkIds.entries()) {
      const start = performance.now()
      const { id } = await neutron.ports.create({ network_id: networkId })
      await neutron.ports.delete(id)
      times[at]?.push(performance.now() - start)
    }
  }
  return times.map(series => series.sort((a, b) => a - b)[samples / 2] ?? NaN)
}

/** Bytes of live objects: what is left after a collection. */
function liveMemory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const directory = await mkdtemp(join(tmpdir(), 'kuryr-bench-'))
const url = process.argv[2] ?? `sqlite://${join(directory, 'bench.db')}`
const store = openStore(url, { log: silent })
const neutron = openNeutronService({ store, host: 'bench', log: silent, defaultMtu: 1450, deadline: 60_000 })
try {
  const memory = liveMemory()
  const networkIds: string[] = []
  let filled = 0
  for (const share of shares) {
    const { id } = await neutron.networks.create({ name: `allocation-bench-${share}` })
    await neutron.subnets.create({ network_id: id, cidr: '10.0.0.0/16', enable_dhcp: false })
    await fill(neutron, id, Math.floor(capacity * share))
    filled += Math.floor(capacity * share)
    networkIds.push(id)
  }
  const medians = await costs(neutron, networkIds)
  for (const [at, share] of shares.entries()) {
    const [median = NaN, empty = NaN] = [medians[at], medians[0]]
    stdout.write(`${share * 100} % full: ${median.toFixed(2)} ms, ${(median / empty).toFixed(2)} times the empty one\n`)
  }
  stdout.write(`memory for ${filled} ports: ${((liveMemory() - memory) / 2 ** 20).toFixed(0)} MiB\n`)
} finally {
  await neutron.close()
  await store.close()
  await rm(directory, { recursive: true })
}
