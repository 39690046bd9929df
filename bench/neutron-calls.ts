/**
 * What a call of the embedded Neutron costs on etcd: its median time as a ratio to one bare etcd transaction (one
 * condition, two keys), measured in turns in the same run, and how many calls of the store it makes.
 * `bin/node bench/neutron-calls.ts [etcd://host:port/prefix]`; default: an etcd of its own.
 */
import { randomUUID } from 'node:crypto'
import { argv, stdout } from 'node:process'
import { openNeutronService } from '../src/neutron-service/open-neutron-service.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { EtcdProcess } from '../test/contract/etcd-process.ts'

const rounds = 200
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** The store, with a count of what is asked of it. */
function counting(store: Store): { store: Store; calls: () => number } {
  let calls = 0
  const counted = <A extends unknown[], R>(call: (...args: A) => R) => {
    return (...args: A): R => {
      calls += 1
      return call(...args)
    }
  }
  return {
    calls: () => calls,
    store: {
      get: counted((...args: Parameters<Store['get']>) => store.get(...args)),
      range: counted((...args: Parameters<Store['range']>) => store.range(...args)),
      transaction: counted((...args: Parameters<Store['transaction']>) => store.transaction(...args)),
      watch: (...args) => store.watch(...args),
      lease: (...args) => store.lease(...args),
      close: () => store.close(),
    },
  }
}

interface Measured {
  times: number[]
  calls: number
}

const etcd = argv[2] === undefined ? await EtcdProcess.create() : undefined
await etcd?.start()
const { store, calls } = counting(openStore(argv[2] ?? `etcd://${etcd?.endpoint ?? ''}`, { log: silent }))
const neutron = openNeutronService({ store, host: 'bench', log: silent, defaultMtu: 1450 })
try {
  await neutron.registerAgent({ tunnelingIp: '192.0.2.1', version: 'bench' })
  const network = await neutron.networks.create({ name: 'bench', tags: ['bench'] })
  const subnet = await neutron.subnets.create({ network_id: network.id, ip_version: 4, cidr: '10.0.0.0/16' })
  const measured = new Map<string, Measured>()
  const time = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const series = measured.get(name) ?? { times: [], calls: 0 }
    measured.set(name, series)
    const before = calls()
    const start = performance.now()
    const result = await work()
    series.times.push(performance.now() - start)
    series.calls += calls() - before
    return result
  }
  for (let round = 0; round < rounds; round += 1) {
    const key = `bench/${randomUUID()}`
    await time('bare transaction', () =>
      store.transaction({
        when: [{ key, exists: false }],
        then: [
          { put: key, value: 'x'.repeat(1000) },
          { put: 'bench/head', value: 'x' },
        ],
      }),
    )
    const { id } = await time('port create', () =>
      neutron.ports.create({ network_id: network.id, fixed_ips: [{ subnet_id: subnet.id }] }),
    )
    await time('port show', () => neutron.ports.show(id))
    await time('port list by tag', () => neutron.ports.list({ tags: [`round:${round}`] }))
    await time('port update', () => neutron.ports.update(id, { name: 'endpoint', 'binding:host_id': 'bench' }))
    await time('port delete', () => neutron.ports.delete(id))
    await time('network create', async () => neutron.networks.create({ name: 'other' }))
  }
  const median = ({ times }: Measured): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN
  const bare = measured.get('bare transaction')
  if (bare === undefined) throw new Error('nothing was measured')
  for (const [name, series] of measured) {
    const ratio = (median(series) / median(bare)).toFixed(2)
    const each = (series.calls / rounds).toFixed(2)
    stdout.write(`${name.padEnd(18)} ${median(series).toFixed(2)} ms  ${ratio} x bare  ${each} store calls\n`)
  }
} finally {
  await neutron.close()
  await store.close()
  await etcd?.destroy()
}
