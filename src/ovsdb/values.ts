import type { OvsdbValue } from './protocol.ts'

/** The wire form of a map of strings, such as `external_ids`. */
export function mapValue(entries: Record<string, string>): OvsdbValue {
  return ['map', Object.entries(entries)]
}

/** The wire form of a set. */
export function setValue(elements: OvsdbValue[]): OvsdbValue {
  return ['set', elements]
}

/** A row that another operation of the same transaction inserts. */
export function namedUuid(name: string): OvsdbValue {
  return ['named-uuid', name]
}

/** Reads a map of strings from the wire; what is not one is empty. */
export function readMap(value: unknown): Record<string, string> {
  if (!Array.isArray(value) || value[0] !== 'map' || !Array.isArray(value[1])) return {}
  const entries = (value[1] as unknown[]).filter((entry): entry is [string, string] => {
    return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string'
  })
  return Object.fromEntries(entries)
}

/** Reads a set from the wire. A set of one element is written as that element. */
export function readSet(value: unknown): unknown[] {
  if (Array.isArray(value) && value[0] === 'set' && Array.isArray(value[1])) return value[1] as unknown[]
  return value === undefined ? [] : [value]
}

/** Reads the UUIDs of a set of references. */
export function readUuids(value: unknown): string[] {
  return readSet(value).flatMap(element => {
    return Array.isArray(element) && element[0] === 'uuid' && typeof element[1] === 'string' ? [element[1]] : []
  })
}
