import type { Dispatcher } from 'undici'
import type { SeededRandom } from './seeded-random.ts'

/** One request of the Neutron API, sound or not, with what was done to it for the report of a failure. */
export interface ApiRequest {
  what: string
  method: Dispatcher.HttpMethod
  path: string
  headers: Record<string, string>
  body?: Buffer
}

/** Ids of resources that are there: what a request must name to get past the first check. */
export interface LiveIds {
  network: string
  subnet: string
  subnetpool: string
  port: string
}

/** Every route with every method that it answers by more than 405; `{id}` and `{tag}` stand for live ones. */
export function apiRoutes(ids: LiveIds): readonly (readonly [Dispatcher.HttpMethod, string, object?])[] {
  const bodies = validBodies(ids)
  return [
    ['GET', '/'],
    ['GET', '/v2.0/'],
    ['GET', '/v2.0/extensions'],
    ['GET', '/v2.0/extensions/agent'],
    ['GET', '/v2.0/agents'],
    ['GET', '/v2.0/agents/1'],
    ['DELETE', '/v2.0/agents/1'],
    ['GET', '/v2.0/quotas/1'],
    ['GET', '/v2.0/security-groups'],
    ['GET', '/v2.0/security-groups/1'],
    ...bodies.flatMap(({ singular, plural, id, create, update }) => {
      const one = `/v2.0/${plural}/${id}`
      return [
        ['GET', `/v2.0/${plural}`],
        ['POST', `/v2.0/${plural}`, { [singular]: create }],
        ['POST', `/v2.0/${plural}`, { [plural]: [create, create] }],
        ['GET', one],
        ['PUT', one, { [singular]: update }],
        ['DELETE', one],
        ['GET', `${one}/tags`],
        ['PUT', `${one}/tags`, { tags: ['a', 'b'] }],
        ['POST', `${one}/tags`, { tags: ['c'] }],
        ['DELETE', `${one}/tags`],
        ['GET', `${one}/tags/a`],
        ['PUT', `${one}/tags/a`],
        ['DELETE', `${one}/tags/a`],
      ] as const
    }),
  ]
}

/** Takes one of `routes` and spoils its path, its query, its headers or its body; one in eight stays as it is. */
export function mutatedApiRequest(routes: ReturnType<typeof apiRoutes>, random: SeededRandom): ApiRequest {
  const [method, path, body] = random.pick(routes)
  const request: ApiRequest = { what: 'valid', method, path, headers: {}, ...(body && { body: text(body) }) }
  if (body) request.headers['content-type'] = 'application/json'
  const [what, mutate] = random.pick(body ? [...everywhere, ...onBodies, ...onBodies] : everywhere)
  return { ...request, what, ...mutate({ request, body: body ?? {} }, random) }
}

type Mutation = (
  given: { request: ApiRequest; body: object },
  random: SeededRandom,
) => Partial<Omit<ApiRequest, 'what'>>

const everywhere: readonly (readonly [string, Mutation])[] = [
  ['valid', () => ({})],
  ['filter', ({ request }, random) => ({ path: `${request.path}?${filters(random)}` })],
  ['raw query', ({ request }, random) => ({ path: `${request.path}?${random.pick(rawQueries)}` })],
  ['path segment', ({ request }, random) => ({ path: oddPath(request.path, random) })],
  [
    'another method',
    (_given, random) => ({ method: random.pick(['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS']) }),
  ],
  ['If-Match', (_given, random) => ({ headers: { 'if-match': random.pick(conditions) } })],
]

const onBodies: readonly (readonly [string, Mutation])[] = [
  ['value', ({ body }, random) => ({ body: text(withOddValue(body, random)) })],
  ['field dropped', ({ body }, random) => ({ body: text(withoutField(body, random)) })],
  ['field added', ({ body }, random) => ({ body: text(withField(body, random)) })],
  ['truncated', ({ body }, random) => ({ body: text(body).subarray(0, random.below(text(body).length)) })],
  ['bytes', ({ body }, random) => ({ body: withOddByte(text(body), random) })],
  ['not an object', (_given, random) => ({ body: Buffer.from(random.pick(notObjects)) })],
  ['content type', (_given, random) => ({ headers: { 'content-type': random.pick(contentTypes) } })],
]

const oddTexts = [
  '',
  ' ',
  '..',
  '../../etc/passwd',
  '\n',
  '\0',
  'a,b',
  '%',
  'ünï',
  '__proto__',
  'constructor',
  'toString',
  'x'.repeat(256),
  'x'.repeat(5000),
  "'; DROP TABLE ports; --",
  '4a0b6f5e-0000-4000-8000-000000000000',
  '10.0.0.0/33',
  '10.0.0.5/24',
  '0.0.0.0/0',
  '::/0',
  'fd00::/64',
  '::ffff:10.0.0.1',
  '10.0.0.0/-1',
  '256.1.1.1',
  '10.77.0.255',
  'ff:ff:ff:ff:ff:ff',
  'True',
  '-1',
  '1e9',
]
const oddValues: readonly unknown[] = [
  ...oddTexts,
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  [],
  {},
  [null],
  [[]],
  [{}],
  [{ subnet_id: 5 }],
  [{ start: '10.0.0.9', end: '10.0.0.1' }],
  [{ destination: '0.0.0.0/0', nexthop: 'here' }],
  { a: { b: [1, { c: 'x'.repeat(300) }] } },
  Array.from({ length: 300 }, (_, index) => `t${index}`),
  nestedList(60),
]
const notObjects = ['', ' ', 'null', '[]', '5', '"x"', '{', '{}{}', '{"a":1e999}', '\ufeff{}', '['.repeat(50_000)]
const contentTypes = ['text/plain', 'x', '', 'application/json; charset=latin1', 'multipart/form-data; boundary=x', '/']
const conditions = ['revision_number=0', 'revision_number=1', 'revision_number=x', '"etag"', '*', 'W/"1"', '']
const rawQueries = [
  '%zz',
  '&&&=',
  '=',
  '?',
  'a=%00',
  '__proto__=1',
  '__proto__[a]=1',
  'name[]=1',
  `name=${'x'.repeat(8000)}`,
  'limit=%31',
]
const filterNames = [
  'name', 'id', 'network_id', 'fixed_ips', 'tags', 'tags-any', 'not-tags', 'not-tags-any', 'limit', 'marker',
  'page_reverse', 'sort_key', 'sort_dir', 'fields', 'shared', 'admin_state_up', 'mtu', 'cidr', 'ip_version',
  'binding:host_id', 'colour', '__proto__', 'constructor', 'toString',
] // prettier-ignore
const filterValues = [
  ...oddTexts,
  'asc',
  'desc',
  'name',
  '2',
  'ip_address=10.77.0.5',
  'subnet_id=',
  'ip_address=',
  'false',
]

function filters(random: SeededRandom): string {
  const one = (): string =>
    `${encodeURIComponent(random.pick(filterNames))}=${encodeURIComponent(random.pick(filterValues))}`
  return Array.from({ length: 1 + random.below(4) }, one).join('&')
}

function oddPath(path: string, random: SeededRandom): string {
  const segments = path.split('/')
  const at = 1 + random.below(segments.length - 1)
  const odd = random.once(4)
    ? random.pick(['%zz', '%', '%ff', '*', ':id', '..', '.'])
    : encodeURIComponent(random.pick(oddTexts))
  return segments.toSpliced(at, random.below(2), odd).join('/')
}

interface Place {
  parent: object
  key: string
}

function withOddValue(body: object, random: SeededRandom): object {
  return changed(body, random, ({ parent, key }) => Reflect.set(parent, key, random.pick(oddValues)))
}

function withoutField(body: object, random: SeededRandom): object {
  return changed(body, random, ({ parent, key }) => Reflect.deleteProperty(parent, key))
}

function withField(body: object, random: SeededRandom): object {
  return changed(body, random, ({ parent }) =>
    Object.defineProperty(parent, random.pick([...filterNames, ...oddTexts]), {
      value: random.pick(oddValues),
      enumerable: true,
      configurable: true,
    }),
  )
}

function changed(body: object, random: SeededRandom, change: (place: Place) => unknown): object {
  const copy = structuredClone(body)
  change(random.pick(placesOf(copy)))
  return copy
}

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [{ parent: value, key }, ...placesOf(inner)])
}

function withOddByte(bytes: Buffer, random: SeededRandom): Buffer {
  bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}

function text(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function nestedList(depth: number): unknown {
  return depth === 0 ? [] : [nestedList(depth - 1)]
}

function validBodies({ network, subnet, subnetpool, port }: LiveIds): {
  singular: string
  plural: string
  id: string
  create: object
  update: object
}[] {
  return [
    {
      singular: 'network',
      plural: 'networks',
      id: network,
      create: { name: 'n', description: 'd', admin_state_up: true, shared: false, mtu: 1400, tags: ['a'] },
      update: { name: 'm', mtu: 1300, admin_state_up: false },
    },
    {
      singular: 'subnet',
      plural: 'subnets',
      id: subnet,
      create: {
        network_id: network,
        ip_version: 4,
        cidr: '10.78.0.0/24',
        gateway_ip: '10.78.0.1',
        allocation_pools: [{ start: '10.78.0.9', end: '10.78.0.19' }],
        host_routes: [{ destination: '10.99.0.0/16', nexthop: '10.78.0.2' }],
        dns_nameservers: ['10.78.0.3'],
        enable_dhcp: false,
      },
      update: { name: 's', gateway_ip: null, allocation_pools: [{ start: '10.77.0.2', end: '10.77.0.250' }] },
    },
    {
      singular: 'subnetpool',
      plural: 'subnetpools',
      id: subnetpool,
      create: { name: 'p', prefixes: ['10.80.0.0/16'], default_prefixlen: 24, min_prefixlen: 20, max_prefixlen: 28 },
      update: { name: 'q', prefixes: ['10.79.0.0/16', '10.81.0.0/16'], default_prefixlen: 25 },
    },
    {
      singular: 'port',
      plural: 'ports',
      id: port,
      create: {
        network_id: network,
        fixed_ips: [{ subnet_id: subnet, ip_address: '10.77.0.50' }],
        mac_address: 'fa:16:3e:01:02:03',
        device_id: 'box',
        'binding:host_id': 'node1',
        'binding:profile': { a: 1 },
        allowed_address_pairs: [{ ip_address: '10.77.0.60' }],
      },
      update: { name: 'x', device_owner: 'compute:kuryr', fixed_ips: [{ subnet_id: subnet }], status: 'ACTIVE' },
    },
  ]
}
