import { once } from 'node:events'
import { connect } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNeutronApi } from '../../src/neutron-api/neutron-api.ts'
import { serveNeutron, type Answer, type ServedNeutron } from './neutron-api-fixture.ts'

interface Resource {
  id: string
  name: string
  tags: string[]
  revision_number: number
}

let served: ServedNeutron
beforeAll(async () => {
  served = await serveNeutron()
})
afterAll(async () => served[Symbol.asyncDispose]())

async function create(name: string, fields: object = {}): Promise<Resource> {
  const answer = await served.send('POST', '/v2.0/networks', { body: { network: { name, ...fields } } })
  expect(answer.status, answer.text).toBe(201)
  return (answer.json() as { network: Resource }).network
}

async function list(
  query: string,
): Promise<{ networks: Resource[]; networks_links?: { rel: string; href: string }[] }> {
  const answer = await served.send('GET', `/v2.0/networks?${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.json() as { networks: Resource[] }
}

function refusal(answer: Answer): { type: string; message: string; detail: string } {
  return (answer.json() as { NeutronError: { type: string; message: string; detail: string } }).NeutronError
}

describe('discovery', () => {
  it('names the version with a link that leads back the way the client came', async () => {
    const answer = await served.send('GET', '/')
    expect(answer.json()).toEqual({
      versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${served.url}/v2.0/` }] }],
    })
    const other = await served.send('GET', '/', { headers: { host: 'localhost:9999' } })
    expect(other.text).toContain('http://localhost:9999/v2.0/')
  })

  it.each(['/v2.0', '/v2.0/'])('lists the resources at %s', async path => {
    const { resources } = (await served.send('GET', path)).json() as { resources: { collection: string }[] }
    expect(resources.map(resource => resource.collection)).toEqual([
      'networks',
      'subnets',
      'subnetpools',
      'ports',
      'agents',
    ])
  })

  it('has the extensions that the drivers need, each by its alias', async () => {
    for (const alias of ['subnet_allocation', 'standard-attr-tag']) {
      const answer = await served.send('GET', `/v2.0/extensions/${alias}`)
      expect(answer.json()).toMatchObject({ extension: { alias } })
    }
    const absent = await served.send('GET', '/v2.0/extensions/nosuch')
    expect([absent.status, refusal(absent).message]).toEqual([404, 'Extension with alias nosuch does not exist'])
  })

  it('describes every resource in an OpenAPI document without dangling references', async () => {
    const document = (await served.send('GET', '/openapi.json')).json() as {
      paths: object
      components: { schemas: Record<string, { properties: object }> }
    }
    expect(Object.keys(document.paths)).toContain('/v2.0/ports/{id}/tags/{tag}')
    expect(Object.keys(document.components.schemas.port_request?.properties ?? {})).toContain('fixed_ips')
    expect(Object.keys(document.components.schemas.port_request?.properties ?? {})).not.toContain('id')
    const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)
    for (const [, name = ''] of references) expect(document.components.schemas).toHaveProperty(name)
  })

  it('has no quotas and no security groups, and says so', async () => {
    expect((await served.send('GET', '/v2.0/quotas/anyone')).json()).toMatchObject({ quota: { network: -1, port: -1 } })
    expect((await served.send('GET', '/v2.0/security-groups?name=default')).json()).toEqual({ security_groups: [] })
    const group = await served.send('GET', '/v2.0/security-groups/web')
    expect([group.status, refusal(group).type]).toEqual([404, 'SecurityGroupNotFound'])
  })
})

describe('a resource', () => {
  it('is created, shown, changed, listed and deleted', async () => {
    const { id } = await create('life')
    expect((await served.send('GET', `/v2.0/networks/${id}`)).json()).toMatchObject({ network: { id, name: 'life' } })
    const changed = await served.send('PUT', `/v2.0/networks/${id}`, { body: { network: { name: 'later' } } })
    expect([changed.status, changed.json()]).toMatchObject([200, { network: { id, name: 'later' } }])
    expect((await list('name=later')).networks.map(network => network.id)).toEqual([id])
    const deleted = await served.send('DELETE', `/v2.0/networks/${id}`)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    const gone = await served.send('GET', `/v2.0/networks/${id}`)
    expect([gone.status, refusal(gone).type]).toEqual([404, 'NetworkNotFound'])
    expect(refusal(gone).message).toContain(id)
  })

  it('is answered with a request id of its own each time', async () => {
    const ids = [await served.send('GET', '/v2.0/networks'), await served.send('GET', '/nowhere')].map(
      answer => answer.headers['x-openstack-request-id'],
    )
    for (const id of ids) expect(id).toMatch(/^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(new Set(ids).size).toBe(2)
  })

  it('is shown with only the fields asked for', async () => {
    const { id } = await create('few')
    const answer = await served.send('GET', `/v2.0/networks/${id}?fields=name&fields=mtu&fields=nosuch`)
    expect(Object.keys((answer.json() as { network: object }).network).sort()).toEqual(['mtu', 'name'])
  })

  it('is changed only at the revision of If-Match', async () => {
    const { id, revision_number } = await create('guarded')
    const change = async (revision: number, name: string): Promise<Answer> =>
      served.send('PUT', `/v2.0/networks/${id}`, {
        body: { network: { name } },
        headers: { 'If-Match': `revision_number=${revision}` },
      })
    const stale = await change(revision_number + 7, 'lost')
    expect([stale.status, refusal(stale).type]).toEqual([412, 'RevisionNumberConstraintFailed'])
    expect((await change(revision_number, 'won')).json()).toMatchObject({ network: { name: 'won' } })
    const nonsense = await served.send('DELETE', `/v2.0/networks/${id}`, { headers: { 'If-Match': '"etag"' } })
    expect(nonsense.status).toBe(400)
  })

  it('is a port with fixed IPs, found by them', async () => {
    const network = await create('ports')
    const subnet = await served.send('POST', '/v2.0/subnets', {
      body: { subnet: { network_id: network.id, ip_version: 4, cidr: '10.9.0.0/24' } },
    })
    const subnetId = (subnet.json() as { subnet: Resource }).subnet.id
    const fixedIp = { subnet_id: subnetId, ip_address: '10.9.0.77' }
    const port = await served.send('POST', '/v2.0/ports', {
      body: { port: { network_id: network.id, fixed_ips: [fixedIp], device_id: 'box' } },
    })
    expect([port.status, port.json()]).toMatchObject([201, { port: { fixed_ips: [fixedIp], device_id: 'box' } }])
    const query = `fixed_ips=subnet_id%3D${subnetId}&fixed_ips=ip_address%3D10.9.0.77`
    const found = await served.send('GET', `/v2.0/ports?${query}`)
    expect(found.json()).toMatchObject({ ports: [{ device_id: 'box' }] })
    const taken = await served.send('POST', '/v2.0/ports', {
      body: { port: { network_id: network.id, fixed_ips: [fixedIp] } },
    })
    expect([taken.status, refusal(taken).message]).toEqual([409, expect.stringContaining('10.9.0.77')])
    const inUse = await served.send('DELETE', `/v2.0/networks/${network.id}`)
    expect([inUse.status, refusal(inUse).type]).toEqual([409, 'NetworkInUse'])
  })
})

describe('a bulk create', () => {
  it('makes all of its resources, in order', async () => {
    const answer = await served.send('POST', '/v2.0/networks', {
      body: { networks: [{ name: 'bulk-1' }, { network: { name: 'bulk-2' } }] },
    })
    expect([answer.status, answer.json()]).toMatchObject([201, { networks: [{ name: 'bulk-1' }, { name: 'bulk-2' }] }])
  })

  it('that fails in the middle leaves nothing', async () => {
    const answer = await served.send('POST', '/v2.0/networks', {
      body: { networks: [{ name: 'half-1' }, { name: 'half-2' }, { name: 'half-3', mtu: 'wide' }] },
    })
    expect(answer.status).toBe(400)
    for (const name of ['half-1', 'half-2']) expect((await list(`name=${name}`)).networks).toEqual([])
  })
})

describe('a list', () => {
  it('is filtered by any of a repeated parameter', async () => {
    await create('either-a')
    await create('either-b')
    const { networks } = await list('name=either-a&name=either-b&sort_key=name&sort_dir=desc&fields=name')
    expect(networks).toEqual([{ name: 'either-b' }, { name: 'either-a' }])
  })

  it('is walked page by page along its links, there and back', async () => {
    const names = ['page-1', 'page-2', 'page-3', 'page-4', 'page-5']
    for (const name of names) await create(name, { description: 'paged' })
    const pages: Resource[][] = []
    let next: string | undefined = '/v2.0/networks?description=paged&limit=2&sort_key=name&sort_dir=asc&fields=name'
    let back: string | undefined
    for (let page = 0; next !== undefined && page < 10; page++) {
      const { networks, networks_links = [] } = await list(next.slice(next.indexOf('?') + 1))
      pages.push(networks)
      next = networks_links.find(link => link.rel === 'next')?.href
      back = networks_links.find(link => link.rel === 'previous')?.href
    }
    expect(pages.map(page => page.map(network => network.name))).toEqual([
      ['page-1', 'page-2'],
      ['page-3', 'page-4'],
      ['page-5'],
    ])
    expect(pages[0]?.[0]).toEqual({ name: 'page-1' })
    expect(back).toContain(served.url)
    const before = await list((back ?? '').split('?')[1] ?? '')
    expect(before.networks.map(network => network.name)).toEqual(['page-3', 'page-4'])
  })

  it('refuses a limit that is none, and a marker that does not exist', async () => {
    const limit = await served.send('GET', '/v2.0/networks?limit=many')
    expect([limit.status, refusal(limit).message]).toEqual([400, expect.stringContaining("'many'")])
    const marker = await served.send('GET', '/v2.0/networks?limit=1&marker=4a0b6f5e-0000-4000-8000-000000000000')
    expect([400, 404]).toContain(marker.status)
    expect(refusal(marker).message).toContain('4a0b6f5e')
  })
})

describe('tags', () => {
  it('are replaced, added, asked for and removed', async () => {
    const { id } = await create('tagged')
    const path = `/v2.0/networks/${id}/tags`
    expect((await served.send('PUT', path, { body: { tags: ['a', 'b', 'a'] } })).json()).toEqual({ tags: ['a', 'b'] })
    expect((await served.send('PUT', path, { body: { tags: ['b', 'c'] } })).status).toBe(200)
    expect(new Set(((await served.send('GET', path)).json() as { tags: string[] }).tags)).toEqual(new Set(['b', 'c']))
    expect((await served.send('PUT', `${path}/d`)).status).toBe(201)
    expect((await served.send('PUT', `${path}/d`)).status).toBe(201)
    expect((await served.send('GET', `${path}/d`)).status).toBe(204)
    expect((await list('tags=b,d&not-tags=zz')).networks.map(network => network.id)).toEqual([id])
    expect((await served.send('DELETE', `${path}/d`)).status).toBe(204)
    const gone = await served.send('DELETE', `${path}/d`)
    expect([gone.status, refusal(gone).type]).toEqual([404, 'TagNotFound'])
    expect((await served.send('POST', path, { body: { tags: ['e'] } })).status).toBe(200)
    expect((await served.send('DELETE', path)).status).toBe(204)
    expect((await served.send('GET', path)).json()).toEqual({ tags: [] })
  })

  it.each(['kuryr.net.uuid.lh:0123456789abcdef0123456789abcdef', 'with/slash', 'ünï cödé %', 'x'.repeat(255)])(
    'may be any text without a comma: %s',
    async tag => {
      const { id } = await create('odd-tag')
      const path = `/v2.0/networks/${id}/tags/${encodeURIComponent(tag)}`
      expect((await served.send('PUT', path)).status).toBe(201)
      expect((await served.send('GET', path)).status).toBe(204)
      expect((await served.send('GET', `/v2.0/networks/${id}`)).json()).toMatchObject({ network: { tags: [tag] } })
    },
  )

  it('of a full resource are replaced by as many others', async () => {
    const { id } = await create('full')
    const path = `/v2.0/networks/${id}/tags`
    const tags = (letter: string): string[] => Array.from({ length: 50 }, (_, index) => `${letter}${index}`)
    expect((await served.send('PUT', path, { body: { tags: tags('a') } })).status).toBe(200)
    const replaced = await served.send('PUT', path, { body: { tags: tags('b') } })
    expect([replaced.status, replaced.json()]).toEqual([200, { tags: tags('b') }])
    const invalid = await served.send('PUT', path, { body: { tags: ['comma,tag', ...tags('c').slice(1)] } })
    expect(invalid.status).toBe(400)
    expect(new Set(((await served.send('GET', path)).json() as { tags: string[] }).tags)).toEqual(new Set(tags('b')))
    const tooMany = await served.send('PUT', path, { body: { tags: [...tags('b'), 'one more'] } })
    expect([tooMany.status, refusal(tooMany).type]).toEqual([400, 'TagsLimitExceeded'])
  })

  it('of a resource that does not exist are not found', async () => {
    const path = '/v2.0/ports/4a0b6f5e-0000-4000-8000-000000000000/tags'
    for (const [method, target, body] of [
      ['GET', path, undefined],
      ['PUT', path, { tags: ['a'] }],
      ['DELETE', path, undefined],
      ['PUT', `${path}/a`, undefined],
      ['GET', `${path}/a`, undefined],
    ] as const)
      expect([method, (await served.send(method, target, { body })).status]).toEqual([method, 404])
  })
})

describe('bad input', () => {
  it.each([
    ['no body', undefined, 'Resource body required'],
    ['no wrapper', { name: 'bare' }, "Unable to find 'network' in request body"],
    ['an empty object', {}, 'Resource body required'],
    ['broken JSON', '{"network":', expect.stringMatching(/JSON/)],
    ['a list', [], expect.stringContaining('expected a JSON object')],
    ['a prototype key', '{"network":{"__proto__":{"a":1}}}', expect.stringMatching(/proto/)],
    ['an unknown attribute', { network: { colour: 'red' } }, expect.stringContaining('colour')],
  ])('%s is refused with 400', async (_what, body, message) => {
    const answer = await served.send('POST', '/v2.0/networks', { body })
    expect([answer.status, refusal(answer).message, refusal(answer).detail]).toEqual([400, message, ''])
  })

  it('of more than 1 MiB is refused with 413', async () => {
    const answer = await served.send('POST', '/v2.0/networks', {
      body: { network: { description: 'x'.repeat(1024 * 1024) } },
    })
    expect([answer.status, refusal(answer).type]).toEqual([413, 'HTTPRequestEntityTooLarge'])
  })

  it('is not what a strange content type makes of JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8', 'x']) {
      const body = JSON.stringify({ network: { name: 'typed' } })
      const answer = await served.send('POST', '/v2.0/networks', { body, headers: { 'content-type': type } })
      expect([type, answer.status]).toEqual([type, 201])
    }
  })

  it('in the path is not found, and a wrong method not allowed', async () => {
    for (const path of ['/v2.0/routers', '/v3', '/v2.0/networks/a/b', '/v2.0/..%2f..%2fetc', '/v2.0/networks/..%2f'])
      expect([path, (await served.send('GET', path)).status]).toEqual([path, 404])
    expect((await served.send('GET', '/v2.0/%zz')).status).toBe(400)
    const patch = await served.send('PATCH', '/v2.0/networks')
    expect([patch.status, refusal(patch).type, patch.headers.allow]).toEqual([405, 'HTTPMethodNotAllowed', 'GET, POST'])
    expect((await served.send('POST', '/v2.0/agents', { body: { agent: {} } })).status).toBe(405)
  })

  it('that is no HTTP is answered all the same', async () => {
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.write('this is no HTTP\r\n\r\n')
    await once(socket, 'close')
    const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1.1 400 /)
    expect(JSON.parse(body)).toMatchObject({ NeutronError: { type: 'HTTPBadRequest' } })
  })

  it('was never an error of the server', () => {
    expect(served.errors).toEqual([])
  })
})

describe('access', () => {
  const log = pino({ level: 'silent' })

  it('without a token is for this machine only', async () => {
    const api = openNeutronApi({ neutron: served.neutron, log })
    await expect(api.listen('0.0.0.0:0')).rejects.toThrow(/'0.0.0.0:0' is reachable from other machines.*set a token/s)
    await api.close()
  })

  it('with an empty token is refused at the start', () => {
    expect(() => openNeutronApi({ neutron: served.neutron, log, token: '' })).toThrow(/token is empty/)
  })

  it('with a token needs it in every request, and is then open to other machines', async () => {
    await using guarded = await serveNeutron({ token: 'open sesame' })
    for (const headers of [{}, { 'X-Auth-Token': 'open sesam' }, { 'X-Auth-Token': '' }]) {
      const answer = await guarded.send('GET', '/v2.0/networks', { headers })
      expect([answer.status, answer.json()]).toMatchObject([401, { error: { code: 401, title: 'Unauthorized' } }])
      expect(answer.headers['www-authenticate']).toMatch(/^Keystone/)
    }
    const allowed = await guarded.send('GET', '/v2.0/networks', { headers: { 'X-Auth-Token': 'open sesame' } })
    expect(allowed.status).toBe(200)
    expect((await guarded.send('GET', '/nowhere')).status).toBe(401)
    const api = openNeutronApi({ neutron: guarded.neutron, log, token: 'open sesame' })
    expect(await api.listen('0.0.0.0:0')).toMatch(/^http:/)
    await api.close()
  })

  it('without a token is not for web pages: neither by Origin nor by a name that leads here', async () => {
    const body = { network: { name: 'planted' } }
    for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, { host: 'evil.example:9696' }]) {
      const answer = await served.send('POST', '/v2.0/networks', { body, headers })
      expect([answer.status, refusal(answer).type]).toEqual([403, 'PolicyNotAuthorized'])
    }
    expect((await list('name=planted')).networks).toEqual([])
  })
})

describe('a network service that does not answer', () => {
  it('is reported as unavailable once the call has run out of time', async () => {
    const silent = new Proxy(served.neutron.networks, {
      get: (target, name) =>
        name === 'list'
          ? async (_query: unknown, { signal }: { signal: AbortSignal }) =>
              new Promise((_resolve, reject) => {
                signal.addEventListener('abort', () => reject(signal.reason as Error))
              })
          : (Reflect.get(target, name) as unknown),
    })
    const api = openNeutronApi({
      neutron: { ...served.neutron, networks: silent },
      log: pino({ level: 'silent' }),
      callTimeoutMs: 50,
    })
    const answer = await fetch(`${await api.listen('127.0.0.1:0')}/v2.0/networks`)
    expect([answer.status, await answer.json()]).toMatchObject([503, { NeutronError: { type: 'ServiceUnavailable' } }])
    await api.close()
  })
})
