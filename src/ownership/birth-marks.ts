import { randomUUID } from 'node:crypto'
import { hostTag, UUID } from './marks.ts'

/**
 * Ours: `description` of what is made here, which it has from its first moment, before any tag: the host, and a UUID, so
 * that no other resource has the same, and one that was made by a call whose answer was lost is found by it. On a pool
 * also what its `--ipam-opt` said of the Docker network to come, in case the daemon forgets.
 */
export function birthMark(host: string, wish: PoolWish = {}): string {
  return [startOfBirthMark(host), ...wordsOf(wish), randomUUID()].join(' ')
}

/** Whether this host's daemon made the resource of this `description`. */
export function wasBornOn(description: string, host: string): boolean {
  const start = `${startOfBirthMark(host)} `
  if (!description.startsWith(start)) return false
  return new RegExp(`^((${Object.values(WISHES).join('|')})${UUID} )*${UUID}$`).test(description.slice(start.length))
}

/** Whether a daemon of ours, on any host, made the resource of this `description`. */
export function isBirthMark(description: string): boolean {
  return description.startsWith(hostTag('')) && new RegExp(` ${UUID}$`).test(description)
}

function startOfBirthMark(host: string): string {
  return hostTag(host.slice(0, 200))
}

/** How long a `description` may be in Neutron, in characters. */
const LONGEST_DESCRIPTION = 255

/**
 * Ours: what a pool is born with. Its wish is told in the `description`, which costs no request more; in tags where the
 * host's name leaves no room for it.
 */
export function birthOfPool(host: string, wish: PoolWish): { description: string; tags: string[] } {
  const description = birthMark(host, wish)
  if (description.length <= LONGEST_DESCRIPTION) return { description, tags: [] }
  return { description: birthMark(host), tags: wordsOf(wish).map(word => `${WANTED}${word}`) }
}

/** What {@link birthOfPool} wrote. */
export function wishOf({ description, tags }: { description: string; tags: readonly string[] }): PoolWish {
  const told = tags.filter(tag => tag.startsWith(WANTED)).map(tag => tag.slice(WANTED.length))
  const words = [...description.split(' '), ...told]
  const found = Object.entries(WISHES).flatMap(([key, start]) => {
    const word = words.find(one => one.startsWith(start))
    return word === undefined ? [] : [[key, word.slice(start.length)] as const]
  })
  return Object.fromEntries(found)
}

/** Ids of what the user named for a subnet: the network, the subnet itself, and the subnet pool that it comes from. */
export interface PoolWish {
  networkId?: string
  subnetId?: string
  allocateFrom?: string
}

const WISHES: Readonly<Record<keyof PoolWish, string>> = {
  networkId: 'net:',
  subnetId: 'subnet:',
  allocateFrom: 'from:',
}

function wordsOf(wish: PoolWish): string[] {
  const keys: (keyof PoolWish)[] = ['networkId', 'subnetId', 'allocateFrom']
  return keys.flatMap(key => (wish[key] === undefined ? [] : [`${WISHES[key]}${wish[key]}`]))
}

const WANTED = 'kuryr.wanted:'
