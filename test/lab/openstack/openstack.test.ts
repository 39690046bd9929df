import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OpenStack, startOpenStack } from './openstack.ts'

let directory: string
let openstack: OpenStack

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kuryr-openstack-'))
  const agents = [{ host: 'node1', type: 'linuxbridge', tunnelingIp: '192.0.2.1' }] as const
  openstack = await startOpenStack({ place: { directory }, agents })
}, 240_000)
afterAll(async () => {
  await openstack.stop()
  await rm(directory, { recursive: true })
})

async function call(url: string, { token, body }: { token?: string; body?: object } = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { 'x-auth-token': token }) }
  return fetch(url, { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) })
}

async function tokenOf(name: string, project: string): Promise<{ token: string; catalogue: string }> {
  const domain = { id: 'default' }
  const password = { user: { name, password: name, domain } }
  const scope = { project: { name: project, domain } }
  const auth = { identity: { methods: ['password'], password }, scope }
  const response = await call(`${openstack.keystone?.url ?? ''}/auth/tokens`, { body: { auth } })
  return { token: response.headers.get('x-subject-token') ?? '', catalogue: await response.text() }
}

it('Keystone gives tokens that Neutron takes, and tells where Neutron is', async () => {
  const { token, catalogue } = await tokenOf('kuryr', 'service')
  expect(catalogue).toContain(openstack.neutron.url)
  const networks = `${openstack.neutron.url}/v2.0/networks`
  expect((await call(networks)).status).toBe(401)
  expect((await call(networks, { token })).status).toBe(200)
})

it('ports are bound on hosts whose agent the database knows', async () => {
  const { token } = await tokenOf('kuryr', 'service')
  const api = `${openstack.neutron.url}/v2.0`
  const made = await call(`${api}/networks`, { token, body: { network: { name: 'blue' } } })
  const { network } = (await made.json()) as { network: { id: string } }
  const port = { network_id: network.id, 'binding:host_id': 'node1' }
  const bound = await call(`${api}/ports`, { token, body: { port } })
  expect(await bound.json()).toMatchObject({ port: { 'binding:vif_type': 'bridge', status: 'DOWN' } })
})

it('its access log tells what was asked of it', async () => {
  const before = await openstack.neutron.requests()
  await (await call(`${openstack.neutron.url}/v2.0/extensions?fields=alias`)).text()
  const { token } = await tokenOf('kuryr', 'service')
  await (await call(`${openstack.neutron.url}/v2.0/extensions?fields=alias`, { token })).text()
  const said = (await openstack.neutron.requests()).slice(before.length)
  const target = '/v2.0/extensions?fields=alias'
  expect(said).toEqual([
    { method: 'GET', target, status: 401 },
    { method: 'GET', target, status: 200 },
  ])
})

it('it can crash and come back', async () => {
  await openstack.neutron.kill()
  await expect(call(`${openstack.neutron.url}/`)).rejects.toThrow('fetch failed')
  await openstack.neutron.start()
  expect((await call(`${openstack.neutron.url}/`)).status).toBe(200)
})
