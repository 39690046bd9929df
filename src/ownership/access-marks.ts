import { isIPv4 } from 'node:net'
import type { Publishing } from './access-options.ts'

/** What a Docker network's options say of who may reach its containers. */
export interface NetworkAccess {
  /** Ids of the security groups of its new ports; none: Neutron's default group. */
  securityGroups: string[]
  /** `undefined`: published ports (`-p`) are not published. */
  publish: Publishing | undefined
}

const GROUP = 'kuryr.sg:'
const PUBLISH = 'kuryr.publish:'
const PUBLISH_ADDRESS = 'kuryr.publish.on:'

/** Ours: on every subnet pool of the Docker network, where any host finds it. */
export function accessTags({ securityGroups, publish }: NetworkAccess): string[] {
  const groups = securityGroups.map(id => `${GROUP}${id}`)
  if (!publish) return groups
  const address = publish.address === undefined ? [] : [`${PUBLISH_ADDRESS}${publish.address}`]
  return [...groups, `${PUBLISH}${publish.by}`, ...address]
}

/** What {@link accessTags} wrote, of tags of one pool or of several; what others wrote there is passed over. */
export function accessOf(tags: readonly string[]): NetworkAccess {
  const after = (start: string): string[] =>
    tags.filter(tag => tag.startsWith(start)).map(tag => tag.slice(start.length))
  const securityGroups = [...new Set(after(GROUP))].filter(id => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
  if (!after(PUBLISH).includes('floating-ip')) return { securityGroups, publish: undefined }
  const address = after(PUBLISH_ADDRESS).find(isIPv4)
  return { securityGroups, publish: { by: 'floating-ip', ...(address !== undefined && { address }) } }
}
