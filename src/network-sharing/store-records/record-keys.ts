/** The key space of network sharing in a store. Names and hosts are percent-encoded: they may hold any character. */
export const recordKeys = {
  network: (id: string) => `networks/${id}`,
  name: (name: string) => `names/${encodeURIComponent(name.toWellFormed())}`,
  members: (id: string) => `members/${id}/`,
  member: (id: string, host: string) => `members/${id}/${encodeURIComponent(host)}`,
  tombstone: (id: string) => `tombstones/${id}`,
  host: (host: string) => `hosts/${encodeURIComponent(host)}`,
  /** Leased. */
  alive: (host: string) => `alive/${encodeURIComponent(host)}`,
} as const

/** The parts of a key: its kind, and what follows. */
export function partsOfKey(key: string): { kind: string; id: string; rest: string } {
  const [kind = '', id = '', rest = ''] = key.split('/')
  return { kind, id, rest }
}

/** What {@link recordKeys} encoded, or the text itself where it is no encoding. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
