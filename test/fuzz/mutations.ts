import type { SeededRandom } from './seeded-random.ts'
import { type Json, type JsonObject, validRequests } from './valid-requests.ts'

/** A request's body with what was done to it, for the report of a failure. */
export interface Mutation {
  what: string
  body: Buffer
}

/** What may go wrong with a message: each takes a valid one and gives a body. */
type Mutator = (message: JsonObject, random: SeededRandom) => Buffer

/** A mutated valid request of `method`; now and then (one in sixteen) the valid one itself. */
export function mutatedRequest(method: string, random: SeededRandom): Mutation {
  return mutatedMessage(validRequests[method]?.(random) ?? {}, random)
}

/** A mutated `message`, which it may change; now and then the valid one itself. */
export function mutatedMessage(message: JsonObject, random: SeededRandom): Mutation {
  const [what, mutate] = random.pick(mutators)
  return { what, body: mutate(message, random) }
}

/** A body far beyond the limit of any message: valid JSON of `bytes` bytes. */
export function hugeRequest(bytes: number): Mutation {
  const shell = '{"NetworkID":""}'
  return { what: 'huge body', body: Buffer.from(`{"NetworkID":"${'a'.repeat(bytes - shell.length)}"}`) }
}

const nastyTexts = [
  '../../etc/passwd',
  '..',
  '/',
  ' ',
  '\n',
  '\0',
  '\u007f',
  '\u2028',
  '\ud800',
  'a'.repeat(64),
  `${'a'.repeat(64)}\n`,
  ` ${'a'.repeat(64)}`,
  'A'.repeat(64),
  'a'.repeat(63),
  'a'.repeat(65),
  '0'.repeat(25),
  '__proto__',
  'constructor',
  '$(reboot)',
  '`reboot`',
  "'; DROP TABLE ports; --",
  '%00',
  '%2e%2e%2f',
  '-rf',
  'ünïcödé',
  '🐳',
  '00000000-0000-0000-0000-000000000000',
  '00000000-0000-0000-0000-00000000000g',
  '/var/run/docker/netns/../../../etc',
  '/proc/1/ns/net',
  'netns/1',
  '02:42:ac:11:00:0g',
  '02-42-ac-11-00-02',
  'ff:ff:ff:ff:ff:ff',
]

const nastyCidrs = [
  '',
  '10.0.0.5/24',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '10.0.0.0',
  '/24',
  '10.0.0/24',
  '10.0.0.0.0/24',
  '010.0.0.0/8',
  '256.0.0.0/8',
  '0.0.0.0/0',
  '10.0.0.0/032',
  '10.0.0.0/24/24',
  '10.0.0.0/ 24',
  ' 10.0.0.0/24',
  '10.0.0.0/24\n',
  'fd00::/129',
  'fd00::/64',
  'fd00::1/64',
  '::/0',
  '::ffff:10.0.0.0/120',
  '::ffff:10.0.0.1',
  'fe80::1%eth0/64',
  'fe80::1%eth0',
  'fd00:::/64',
  ':::::::/64',
  '10.0.0.1',
  '255.255.255.255',
  '224.0.0.1/32',
  '127.0.0.1/8',
  '1e3.0.0.1/8',
]

const otherValues: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  '',
  [],
  {},
  [null],
  [[]],
  [{}],
  { a: 1 },
  ['a'.repeat(64)],
  { Pool: 5 },
  [{ Pool: '10.0.0.0/24' }, 7],
  { key: null },
]

const mutators: readonly (readonly [string, Mutator])[] = [
  ['valid', text],
  ['field dropped', place(({ parent, key }) => remove(parent, key))],
  ['field of another type', place(({ parent, key }, random) => put(parent, key, random.pick(otherValues)))],
  ['nasty text', place(({ parent, key }, random) => put(parent, key, random.pick(nastyTexts)))],
  ['wrong CIDR', place(({ parent, key }, random) => put(parent, key, random.pick(nastyCidrs)))],
  ['wrong text in a text', inText],
  ['two values swapped', swapped],
  ['field renamed', place(renamed)],
  ['extra field', place(({ parent }, random) => put(parent, random.pick(nastyTexts), random.pick(otherValues)))],
  ['field twice', twice],
  ['prototype key', poisoned],
  ['long text', place(({ parent, key }, random) => put(parent, key, 'x'.repeat(random.once(50) ? 100_000 : 300)))],
  ['deep nesting', nested],
  ['truncated', (message, random) => text(message).subarray(0, random.below(text(message).length))],
  ['bytes changed', bytesChanged],
  ['not an object', (_, random) => Buffer.from(random.pick(notObjects))],
]

const notObjects = [
  '',
  ' ',
  '\n',
  'null',
  '[]',
  '"x"',
  '5',
  'true',
  'undefined',
  'NaN',
  '{',
  '}',
  '[[',
  '{]',
  "{'a':1}",
  '\ufeff{}',
  '{}{}',
]

interface Place {
  parent: JsonObject | Json[]
  key: string
}

function text(message: JsonObject): Buffer {
  return Buffer.from(`${JSON.stringify(message)}\n`)
}

/** Changes the message at one place of it, whatever its depth. */
function place(change: (at: Place, random: SeededRandom) => void): Mutator {
  return (message, random) => {
    const places = placesOf(message)
    if (places.length > 0) change(random.pick(places), random)
    return text(message)
  }
}

function placesOf(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [{ parent: value, key }, ...placesOf(inner)])
}

function put(parent: Place['parent'], key: string, value: Json): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true })
}

function remove(parent: Place['parent'], key: string): void {
  Reflect.deleteProperty(parent, key)
}

function read({ parent, key }: Place): Json {
  return Reflect.get(parent, key) as Json
}

function renamed(at: Place, random: SeededRandom): void {
  const value = read(at)
  remove(at.parent, at.key)
  put(at.parent, random.pick([at.key.toLowerCase(), at.key.toUpperCase(), ` ${at.key}`, `${at.key}\0`, '']), value)
}

function inText(message: JsonObject, random: SeededRandom): Buffer {
  const texts = placesOf(message).filter(at => typeof read(at) === 'string')
  if (texts.length > 0) {
    const at = random.pick(texts)
    const value = read(at)
    const before = typeof value === 'string' ? value : ''
    const cut = random.below(before.length + 1)
    put(
      at.parent,
      at.key,
      before.slice(0, cut) + random.pick([' ', '\n', '\0', '/', '..', '%', 'é', '-', '0']) + before.slice(cut),
    )
  }
  return text(message)
}

function swapped(message: JsonObject, random: SeededRandom): Buffer {
  const places = placesOf(message).filter(at => typeof read(at) !== 'object')
  if (places.length > 1) {
    const [one, other] = [random.pick(places), random.pick(places)]
    const [first, second] = [read(one), read(other)]
    put(one.parent, one.key, second)
    put(other.parent, other.key, first)
  }
  return text(message)
}

/** JSON with one of its top fields given a second time, with another value: the last one counts. */
function twice(message: JsonObject, random: SeededRandom): Buffer {
  const names = Object.keys(message)
  const name = names.length === 0 ? 'NetworkID' : random.pick(names)
  const again = `${JSON.stringify(name)}:${JSON.stringify(random.pick(otherValues))}`
  const rest = JSON.stringify(message).slice(1, -1)
  const inOrder = random.once(2) ? [rest, again] : [again, rest]
  return Buffer.from(`{${inOrder.filter(part => part !== '').join(',')}}`)
}

function poisoned(message: JsonObject, random: SeededRandom): Buffer {
  const poison = random.pick<[string, Json]>([
    ['__proto__', { polluted: true }],
    ['__proto__', null],
    ['constructor', { prototype: { polluted: true } }],
    ['constructor', 'harmless'],
    ['toString', 'harmless'],
    ['hasOwnProperty', 1],
  ])
  const composite = placesOf(message)
    .map(read)
    .filter(value => typeof value === 'object' && value !== null)
  put(random.pick([message, ...composite]), ...poison)
  return text(message)
}

function nested(message: JsonObject, random: SeededRandom): Buffer {
  const depth = random.pick([5, 31, 32, 33, 1000, random.once(100) ? 100_000 : 500])
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ])
  const value = open.repeat(depth) + '1' + close.repeat(depth)
  const names = [...Object.keys(message), 'Options', 'Unknown']
  const kept = JSON.stringify(message).slice(1, -1)
  return Buffer.from(`{${kept === '' ? '' : `${kept},`}${JSON.stringify(random.pick(names))}:${value}}`)
}

function bytesChanged(message: JsonObject, random: SeededRandom): Buffer {
  const bytes = text(message)
  for (let changes = 1 + random.below(3); changes > 0; changes--) bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}
