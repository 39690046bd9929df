import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** One request as Docker sent it. */
export interface RecordedCall {
  /** 1 or 2: which Docker host's plugin was called. */
  host: number
  method: string
  /** The JSON text; "" for an empty body. */
  body: string
}

/** Names of the recordings. */
export const recordings = [
  'd20-cluster',
  'd20-more',
  'd26-local',
  'd26-crash',
  'd26-swarm',
  'd26-swarm-managed',
  'd28-local',
  'd28-gwalloc',
  'd28-more',
] as const

/**
 * Reads `test/fixtures/docker-calls/<name>.jsonl`. Ids that were cut short are completed by repetition, the recording
 * plugin's pool names become UUIDs (equal names, equal ids).
 */
export async function recordedCalls(name: (typeof recordings)[number]): Promise<RecordedCall[]> {
  const text = await readFile(new URL(`../fixtures/docker-calls/${name}.jsonl`, import.meta.url), 'utf8')
  const completed = text
    .replaceAll('c.d.n.', 'com.docker.network.')
    .replace(/"([0-9a-f]{8})~"/g, (_, start: string) => `"${start.repeat(8)}"`)
    .replace(/"PoolID": "([^"]*)"/g, (_, pool: string) => `"PoolID": "${uuidOf(pool)}"`)
  const calls = completed
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as { host: number; method: string; body: unknown })
  return calls.map(({ host, method, body }) => ({ host, method, body: body === null ? '' : JSON.stringify(body) }))
}

function uuidOf(text: string): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
