import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetch } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openConsulStore, type ConsulStoreOptions } from '../../src/store/consul/open-consul-store.ts'
import type { LoggedStore } from '../../src/store/logged/logged-store.ts'
import type { Store } from '../../src/store/store.ts'
import { waitUntil } from '../lab/processes/wait-until.ts'
import { ConsulProcess } from './consul-process.ts'
import { makeCertificates } from './etcd-process.ts'
import { WatchReader, shortly } from './watch-reader.ts'

const log = { info: () => undefined, warn: () => undefined }
const stores: Store[] = []
afterAll(async () => {
  for (const store of stores) await store.close()
})

function open(options: Pick<ConsulStoreOptions, 'endpoints'> & Partial<ConsulStoreOptions>): LoggedStore {
  const store = openConsulStore({ prefix: 'kuryr/', log, timeoutMs: 3000, ...options })
  stores.push(store)
  return store
}

const put = async (store: Store, key: string, value = ''): Promise<number> =>
  (await store.transaction({ when: [], then: [{ put: key, value }] })).revision

describe('the store on a Consul with access control', () => {
  const master = '11111111-2222-4333-8444-555555555555'
  let consul: ConsulProcess
  let token: string
  const ask = async (path: string, body: object): Promise<unknown> => {
    const init = { method: 'PUT', headers: { 'x-consul-token': master }, body: JSON.stringify(body) }
    const answer = await fetch(`http://${consul.endpoint}/v1/acl/${path}`, init)
    if (!answer.ok) throw new Error(await answer.text())
    return answer.json()
  }
  beforeAll(async () => {
    const acl = { enabled: true, default_policy: 'deny', tokens: { master } }
    consul = await ConsulProcess.create({ settings: { acl } })
    await consul.start()
    // What docs/operating.md tells to write.
    const rules = 'key_prefix "kuryr" { policy = "write" } session_prefix "" { policy = "write" }'
    const make = (): Promise<unknown> => ask('policy', { Name: 'kuryr', Rules: rules })
    await waitUntil('Consul takes no policy', 10_000, make)
    token = ((await ask('token', { Policies: [{ Name: 'kuryr' }] })) as { SecretID: string }).SecretID
  })
  afterAll(() => consul.destroy())

  test('works with a token of the policy, leases too', async () => {
    const store = open({ endpoints: [consul.endpoint], token })
    const lease = await store.lease(10)
    const { revision } = await store.transaction({ when: [], then: [{ put: 'a', value: 'x', lease }] })
    await using watch = new WatchReader(store, '', revision)
    await lease.end()
    expect(shortly(await watch.next())).toBe(`${revision + 1}: -a`)
  })

  test.each([
    ['no token', {}, 'kuryr/', /Permission denied/],
    ['a token that Consul does not know', { token: '99999999-2222-4333-8444-555555555555' }, 'kuryr/', /ACL not found/],
  ])('%s is refused at once, with the reason and without the token', async (_title, who, prefix, reason) => {
    const store = open({ endpoints: [consul.endpoint], prefix, ...who })
    const error: unknown = await put(store, 'a').catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
    expect((error as Error).message).toMatch(reason)
    expect((error as Error).message).not.toContain('99999999')
  })

  test('a prefix that the token may not use is refused', async () => {
    const store = open({ endpoints: [consul.endpoint], prefix: 'other/', token })
    await expect(put(store, 'a')).rejects.toThrow(/Permission denied/)
  })
})

describe('the store on a Consul with TLS', () => {
  let directory: string
  let consul: ConsulProcess
  let files: Awaited<ReturnType<typeof makeCertificates>>
  const endpoints = (): string[] => [`127.0.0.1:${consul.securePort}`]
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kuryr-consul-tls-'))
    files = await makeCertificates(directory)
    consul = await ConsulProcess.create({ tls: files })
    await consul.start()
  })
  afterAll(async () => {
    await consul.destroy()
    await rm(directory, { recursive: true, force: true })
  })

  test('works with the authority and a client certificate', async () => {
    const tls = { caFile: files.caFile, certFile: files.clientCertFile, keyFile: files.clientKeyFile }
    const store = open({ endpoints: endpoints(), tls })
    const revision = await put(store, 'a', 'x')
    await using watch = new WatchReader(store, '', revision - 1)
    expect(shortly(await watch.next())).toBe(`${revision}: +a=x`)
  })

  test.each([
    ['without a client certificate', () => ({ caFile: files.caFile })],
    ['with an authority that did not sign the server', () => ({})],
  ])('%s calls are refused', async (_title, tls) => {
    const store = open({ endpoints: endpoints(), tls: tls(), timeoutMs: 1000 })
    await expect(store.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  })

  test('a file that is missing is named at the opening', () => {
    expect(() => open({ endpoints: endpoints(), tls: { caFile: '/nowhere/ca.pem' } })).toThrow('/nowhere/ca.pem')
  })
})
