import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { MAX_RECORD_BYTES, type SharedNetwork } from '../shared-network.ts'
import { readRecord } from '../store-records/read-record.ts'

/** Neutron takes tags of 255 characters, 50 per resource; other tags of a network need room too. */
const CHUNK_LENGTH = 200
const MOST_CHUNKS = 36

/** On every network that is shared within the namespace: what a poll asks for. */
export function namespaceTag(namespace: string): string {
  return `kuryr.shared:${namespace}`
}

/**
 * The record in tags of its Neutron network: `kuryr.shared.<id>.<part>:<text>`, the text a piece of the record's JSON,
 * deflated, in base64url (a tag may hold no comma).
 *
 * @throws {RangeError} when it needs more tags than Neutron has room for.
 */
export function tagsOfRecord(record: SharedNetwork): string[] {
  const text = deflateRawSync(JSON.stringify(record)).toString('base64url')
  const chunks = text.match(new RegExp(`.{1,${CHUNK_LENGTH}}`, 'g')) ?? []
  if (chunks.length > MOST_CHUNKS) {
    throw new RangeError(
      `options and labels of network ${record.name} need ${chunks.length} Neutron tags, at most ${MOST_CHUNKS} fit: make it with fewer, or with -o kuryr.share=false, or give all hosts an etcd ([store] url)`,
    )
  }
  return chunks.map((chunk, part) => `${startOf(record.id)}${part}:${chunk}`)
}

/** Those of the tags that hold the record of this shared id. */
export function tagsOf(id: string, tags: readonly string[]): string[] {
  return tags.filter(tag => tag.startsWith(startOf(id)))
}

/** Every record in a network's tags: several Docker networks may be on one Neutron network. Unreadable ones by their key. */
export function recordsIn(tags: readonly string[]): { records: SharedNetwork[]; unreadable: Map<string, string> } {
  const records: SharedNetwork[] = []
  const unreadable = new Map<string, string>()
  for (const [key, parts] of partsByKey(tags)) {
    try {
      records.push(readRecord.network(inflated(parts)))
    } catch (error) {
      unreadable.set(key, error instanceof Error ? error.message : String(error))
    }
  }
  return { records, unreadable }
}

function partsByKey(tags: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const tag of tags) {
    const [, key = '', part = '', text = ''] = /^kuryr\.shared\.([0-9a-z]+)\.(\d{1,2}):(.*)$/.exec(tag) ?? []
    if (key === '') continue
    const parts = found.get(key) ?? []
    parts[Number(part)] = text
    found.set(key, parts)
  }
  return found
}

function inflated(parts: readonly string[]): string {
  const bytes = Buffer.from(parts.join(''), 'base64url')
  return inflateRawSync(bytes, { maxOutputLength: MAX_RECORD_BYTES }).toString()
}

/** The id's first half names it within one network, as in Neutron's other tags of Docker ids. */
function startOf(id: string): string {
  return `kuryr.shared.${keyOf(id)}.`
}

/** What stands for the shared id in the names of tags. */
export function keyOf(id: string): string {
  return id.slice(0, 32)
}
