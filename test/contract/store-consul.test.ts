import { fetch } from 'undici'
import { afterAll, beforeAll } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { openConsulStore, type ConsulStoreOptions } from '../../src/store/consul/open-consul-store.ts'
import { ConsulBackend } from '../../src/store/consul/consul-backend.ts'
import type { LoggedStore } from '../../src/store/logged/logged-store.ts'
import { loggedStoreContract } from './logged-store.contract.ts'
import { storeContract } from './store.contract.ts'
import { ConsulProcess } from './consul-process.ts'

const log = { info: () => undefined, warn: () => undefined }
/** Consul’s least is 10 s; what is tested here is not the patience. */
const shortSessions = { session_ttl_min: '1s' }
let consul: ConsulProcess
const stores: Store[] = []
let prefixes = 0

/** A store under a prefix of its own, closed after the tests. */
function open(options: Partial<ConsulStoreOptions> = {}): LoggedStore {
  const prefix = `test/${++prefixes}/`
  const store = openConsulStore({ endpoints: [consul.endpoint], prefix, log, ...options })
  stores.push(store)
  return store
}

beforeAll(async () => {
  consul = await ConsulProcess.create()
  await consul.start()
})
afterAll(async () => {
  for (const store of stores) await store.close()
  await consul.destroy()
})

storeContract('LoggedStore on Consul 1.8', async () => {
  const store = open({ timeoutMs: 20_000 })
  await store.range('')
  return { store, compact: () => store.compact() }
})

loggedStoreContract('LoggedStore on Consul 1.8', {
  makeServer: () => ConsulProcess.create({ settings: shortSessions }),
  open: ({ prefix, ...options }) => openConsulStore({ ...options, prefix: `${prefix}/`, log }),
  openBackend: ({ prefix, ...options }) => new ConsulBackend({ ...options, prefix: `${prefix}/`, timeoutMs: 5000 }),
  removeLease: async ({ endpoint, id }) => {
    const answer = await fetch(`http://${endpoint}/v1/session/destroy/${id}`, { method: 'PUT' })
    if (!answer.ok) throw new Error(await answer.text())
  },
})
