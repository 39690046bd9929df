import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { readFile } from 'node:fs/promises'
import { type OpenStackNeutron, openOpenStackNeutron } from '../../../src/openstack-neutron/open-openstack-neutron.ts'
import { NeutronError } from '../../../src/neutron/errors.ts'
import { birthMark } from '../../../src/ownership/birth-marks.ts'
import { type EtcdServerTls as Certificates, makeCertificates } from '../../contract/etcd-process.ts'
import { cloudOf, settingsOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { FaultProxy } from './fault-proxy.ts'

type Settings = Record<string, string>

describe('the session with Keystone and Neutron', () => {
  let cloud: TestOpenStack
  let keystone: FaultProxy
  let neutron: FaultProxy
  let certificates: Certificates
  let logged: string[] = []
  const opened: OpenStackNeutron[] = []

  beforeAll(async () => {
    cloud = await testOpenStack({ hosts: ['a'] })
    keystone = await FaultProxy.to(cloud.openstack.keystone?.url ?? '')
    neutron = await FaultProxy.to(cloud.openstack.neutron.url)
    certificates = await makeCertificates(cloud.directory)
  }, 240_000)
  afterEach(async () => {
    keystone.heal()
    neutron.heal()
    for (const one of opened.splice(0)) await one.close()
    for (const secret of ['kuryr-secret', '"kuryr"}']) expect(logged.join('')).not.toContain(secret)
    logged = []
  })
  afterAll(async () => {
    await keystone.close()
    await neutron.close()
    await cloud.remove()
  })

  function open(changed: Settings = {}): OpenStackNeutron {
    const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) })
    const through = { auth_url: keystone.url, endpoint_override: neutron.url }
    const one = openOpenStackNeutron(cloudOf(cloud.openstack, { ...through, ...changed }), log)
    opened.push(one)
    return one
  }

  const logIns = (): number => keystone.seen.filter(({ method }) => method === 'POST').length
  const tokensSent = (): string[] => neutron.seen.map(({ headers }) => String(headers['x-auth-token']))

  async function refusalOf(work: Promise<unknown>): Promise<NeutronError> {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error instanceof NeutronError) return error
    throw new Error('expected a NeutronError', { cause: error })
  }

  /** As Keystone's API gives it to the user kuryr: a token, and what it is asked for with it. */
  async function asKuryr(path: string, body: object, token = ''): Promise<{ token: string; answer: unknown }> {
    const headers = { 'content-type': 'application/json', 'x-auth-token': token }
    const response = await fetch(`${cloud.openstack.keystone?.url ?? ''}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return { token: response.headers.get('x-subject-token') ?? '', answer: await response.json() }
  }

  async function revoke(subject: string, token: string): Promise<void> {
    const headers = { 'x-auth-token': token, 'x-subject-token': subject }
    const answer = await fetch(`${cloud.openstack.keystone?.url ?? ''}/auth/tokens`, { method: 'DELETE', headers })
    expect(answer.status).toBe(204)
  }

  const domain = { id: 'default' }
  const password = { user: { name: 'kuryr', password: 'kuryr', domain } }
  const scope = { project: { name: 'service', domain } }
  const kuryrLogIn = { auth: { identity: { methods: ['password'], password }, scope } }

  it('logs in once for many calls at once', async () => {
    const one = open()
    const before = logIns()
    await Promise.all(Array.from({ length: 4 }, () => one.networks.list()))
    expect(logIns() - before).toBe(1)
  })

  it('finds both by the catalogue, with an address of Keystone that names no version', async () => {
    const auth_url = settingsOf(cloud.openstack).auth_url?.replace(/\/v3$/, '') ?? ''
    const { endpoint_override: _, ...settings } = { ...settingsOf(cloud.openstack), auth_url, endpoint_override: '' }
    const one = openOpenStackNeutron(
      cloudOf(cloud.openstack, { ...settings, region_name: 'RegionOne' }),
      pino({ level: 'silent' }),
    )
    opened.push(one)
    await one.probe()
  })

  it('tells what the catalogue has where it lacks the region', async () => {
    const settings = { ...settingsOf(cloud.openstack), region_name: 'Mars' }
    const one = openOpenStackNeutron(cloudOf(cloud.openstack, settings), pino({ level: 'silent' }))
    opened.push(one)
    const { type, message } = await refusalOf(one.probe())
    expect(type).toBe('Unauthorized')
    expect(message).toContain('no public endpoint of the network service in region Mars; it has')
    expect(message).toContain('public in RegionOne')
  })

  it('logs in with an application credential, by id and by name', async () => {
    const { token, answer } = await asKuryr('/auth/tokens', kuryrLogIn)
    const { id: userId } = (answer as { token: { user: { id: string } } }).token.user
    const application_credential = { name: 'lab', secret: 'kuryr-secret', roles: [{ name: 'admin' }] }
    const made = await asKuryr(`/users/${userId}/application_credentials`, { application_credential }, token)
    const { id } = (made.answer as { application_credential: { id: string } }).application_credential
    const common = { auth_type: 'v3applicationcredential', application_credential_secret: 'kuryr-secret' }
    await open({ ...common, application_credential_id: id }).probe()
    await open({ ...common, application_credential_name: 'lab' }).probe()
    const wrong = open({ ...common, application_credential_id: id, application_credential_secret: 'kuryr-secrets' })
    const { message } = await refusalOf(wrong.probe())
    expect(message).toContain('did not log us in (status 401)')
    expect(message).not.toContain('kuryr-secrets')
  })

  it('logs in with a token', async () => {
    const { token } = await asKuryr('/auth/tokens', kuryrLogIn)
    await open({ auth_type: 'token', token }).probe()
    expect(logged.join('')).not.toContain(token)
  })

  it('renews the token before its end', async () => {
    // A life of two seconds, of which the second half is left to requests under way.
    keystone.rewrite(body => {
      const end = Date.parse(/"issued_at": ?"([^"]+)"/.exec(body)?.[1] ?? '') + 2000
      return Number.isNaN(end) ? body : body.replace(/("expires_at": ?)"[^"]+"/, `$1"${new Date(end).toISOString()}"`)
    })
    const one = open()
    await one.probe()
    const before = logIns()
    await new Promise(resolve => setTimeout(resolve, 1100))
    const answered = neutron.seen.length
    await one.probe()
    expect(logIns() - before).toBe(1)
    // No request had to be refused for it.
    expect(neutron.seen.length - answered).toBe(1)
  })

  it('gets another token when Neutron does not take its own any more, and asks again, once', async () => {
    const { token } = await asKuryr('/auth/tokens', kuryrLogIn)
    let revoked: string | undefined
    // Before Neutron sees it for the first time: it believes one that it has seen for five minutes.
    neutron.inject(({ headers, target }) => {
      if (revoked !== undefined || target === '/') return undefined
      revoked = String(headers['x-auth-token'])
      return { kind: 'first', act: () => revoke(revoked ?? '', token) }
    })
    const before = neutron.seen.length
    const one = open()
    await one.probe()
    expect(neutron.seen.length - before).toBe(3)
    expect(tokensSent().at(-1)).not.toBe(revoked)
    neutron.inject(() => ({ kind: 'status', status: 401 }))
    const again = neutron.seen.length
    expect((await refusalOf(one.probe())).type).toBe('Unauthorized')
    expect(neutron.seen.length - again).toBe(2)
  })

  it('keeps a token though Keystone’s clock is a day behind', async () => {
    const day = (text: string): string => new Date(Date.parse(text) - 86_400_000).toISOString()
    keystone.rewrite(body =>
      body.replace(/"(issued_at|expires_at)": ?"([^"]+)"/g, (_, key: string, at: string) => `"${key}": "${day(at)}"`),
    )
    const one = open()
    const before = logIns()
    for (let count = 0; count < 3; count += 1) await one.probe()
    expect(logIns() - before).toBe(1)
  })

  it('logs in again when Keystone’s first answer is lost', async () => {
    let first = true
    keystone.inject(({ method }) => {
      if (method !== 'POST' || !first) return undefined
      first = false
      return { kind: 'no answer' }
    })
    await open().probe()
  })

  it('says that Keystone is away, and goes on when it is back', async () => {
    const away = open({ auth_url: 'http://127.0.0.1:9/v3', timeout: '15' })
    const { type, message } = await refusalOf(away.probe())
    expect(type).toBe('ServiceUnavailable')
    expect(message).toContain('cannot connect to Keystone at http://127.0.0.1:9')
    keystone.inject(() => ({ kind: 'status', status: 503 }))
    const one = open({ timeout: '2' })
    expect((await refusalOf(one.probe())).type).toBe('ServiceUnavailable')
    keystone.heal()
    await vi.waitFor(() => one.probe(), { timeout: 20_000 })
  })

  it('gives up at its deadline', async () => {
    neutron.inject(() => ({ kind: 'late', milliseconds: 3000 }))
    const { type, message } = await refusalOf(open({ timeout: '1' }).probe())
    expect(type).toBe('ServiceUnavailable')
    expect(message).toBe('Neutron did not answer GET /extensions/subnet_allocation within 1 s')
  })

  it('says that Keystone is slow, and looks for nothing that Neutron was not asked for', async () => {
    keystone.inject(() => ({ kind: 'late', milliseconds: 3000 }))
    const asked = neutron.seen.length
    const one = open({ timeout: '1' })
    const { type, message } = await refusalOf(one.networks.create({ name: 'late', description: birthMark('a') }))
    expect(type).toBe('ServiceUnavailable')
    expect(message).toBe('Keystone gave no token within 1 s')
    await one.settled()
    expect(neutron.seen.length).toBe(asked)
  })

  it('logs ids of requests, and no secret', async () => {
    await open().networks.list()
    const lines = logged.map(line => JSON.parse(line) as Record<string, unknown>)
    const asked = lines.find(({ service, path }) => service === 'Neutron' && path === '/v2.0/networks')
    expect(asked).toMatchObject({ method: 'GET', status: 200 })
    expect(asked?.requestId).toMatch(/^req-[0-9a-f-]{36}$/)
    expect(asked?.serverRequestId).toMatch(/^req-[0-9a-f-]{36}$/)
    expect(logged.join('')).not.toContain(tokensSent().at(-1))
  })

  describe('over TLS', () => {
    let secure: FaultProxy
    beforeAll(async () => {
      const { certFile, keyFile, caFile } = certificates
      const [cert, key, ca] = await Promise.all([readFile(certFile), readFile(keyFile), readFile(caFile)])
      secure = await FaultProxy.to(cloud.openstack.neutron.url, {
        cert,
        key,
        ca,
        requestCert: true,
        rejectUnauthorized: true,
      })
    })
    afterAll(() => secure.close())

    const client = (): Settings => ({ certfile: certificates.clientCertFile, keyfile: certificates.clientKeyFile })

    it('with the authority and a client certificate', async () => {
      await open({ endpoint_override: secure.url, cafile: certificates.caFile, ...client() }).probe()
    })

    it('refuses a certificate of nobody we trust, and says what to check', async () => {
      const { type, message } = await refusalOf(
        open({ endpoint_override: secure.url, timeout: '2', ...client() }).probe(),
      )
      expect(type).toBe('ServiceUnavailable')
      expect(message).toContain('no trust in Neutron at https://127.0.0.1')
      expect(message).toContain('check [neutron] cafile')
    })

    it('takes any certificate where it is told to, with a warning', async () => {
      await open({ endpoint_override: secure.url, insecure: 'true', ...client() }).probe()
      expect(logged.join('')).toContain('certificates of OpenStack are not checked')
    })

    it('is not let in without a client certificate', async () => {
      const one = open({ endpoint_override: secure.url, cafile: certificates.caFile, timeout: '2' })
      expect((await refusalOf(one.probe())).type).toBe('ServiceUnavailable')
    })
  })

  describe('as a member who is no admin', () => {
    const plain = (): Settings => ({ username: 'plain', password: 'plain', project_name: 'plain' })

    it('sees resources without the fields of admins', async () => {
      const one = open(plain())
      const network = await one.networks.create({ name: 'mine', tags: ['x'] })
      const port = await one.ports.create({ network_id: network.id })
      expect(port).toMatchObject({ 'binding:vif_type': 'unbound', 'binding:host_id': '' })
      await one.ports.delete(port.id)
      await one.networks.delete(network.id)
    })

    it('may not bind a port', async () => {
      const one = open(plain())
      const network = await one.networks.create({ name: 'mine' })
      const port = { network_id: network.id, 'binding:host_id': 'a' }
      expect((await refusalOf(one.ports.create(port))).type).toBe('PolicyNotAuthorized')
      await one.networks.delete(network.id)
    })
  })
})
