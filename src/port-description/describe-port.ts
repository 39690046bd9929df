import { isNotFound, NeutronError } from '../neutron/errors.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { ADOPTED_PORT_TAG, containerNameTag, containerTags, CREATED_PORT_TAG } from '../ownership/marks.ts'
import type { DescriptionContext } from './description-context.ts'
import { labelTags } from './label-tags.ts'

/** What is told of a container. */
export interface ContainerWords {
  /** Up to 200 characters. */
  name: string
  labels: Readonly<Record<string, string>>
}

/** Tags of labels at most: on a port that we made; on the operator's, where each costs a request, and one more in the end. */
const MOST_LABELS = { created: 32, adopted: 8 }

/** Tags of one resource at most. */
const MOST_TAGS = 50

/**
 * Writes the container's name and labels to its port, where they differ from what is there. Done before, or a port that is
 * gone, is success; what Neutron refuses (for want of rights, say) is told to the log and left. Killed in between, the
 * next comparison goes on.
 */
export async function describePort(
  { neutron, log }: Pick<DescriptionContext, 'neutron' | 'log'>,
  port: Port,
  container: ContainerWords,
  call: Call,
): Promise<void> {
  try {
    if (port.tags.includes(CREATED_PORT_TAG)) await describeCreated(neutron, port, container, call)
    else if (port.tags.includes(ADOPTED_PORT_TAG)) await describeAdopted(neutron, port, container, call)
  } catch (error) {
    if (isNotFound(error)) return
    const refused = error instanceof NeutronError && [400, 403].includes(error.status)
    if (!refused) throw error
    log.warn({ err: error, portId: port.id, container: container.name }, 'Neutron refuses to describe a port')
  }
}

/** Nobody else changes the tags of a port that we made, so all of them are written at once. */
async function describeCreated(
  { ports }: Neutron,
  { id, tags, description }: Port,
  { name, labels }: ContainerWords,
  call: Call,
): Promise<void> {
  if (name !== description) await ports.update(id, { description: name }, call)
  const wanted = labelTags(labels).slice(0, MOST_LABELS.created)
  const { stale, missing, present } = difference(tags, wanted)
  if (stale.length > 0) await ports.removeTags(id, stale, { ...call, present: tags })
  if (missing.length > 0) await ports.addTags(id, missing, { ...call, present })
}

/**
 * The operator's port keeps its description; the name is a tag, which goes with the others when the port is given back.
 * That may happen right now: what is added to a port that is free again is taken off here.
 */
async function describeAdopted(
  { ports }: Neutron,
  { id, tags, device_id }: Port,
  { name, labels }: ContainerWords,
  call: Call,
): Promise<void> {
  // One that is added or removed alone is in the path of the request, where Neutron takes a slash for the path's own.
  const some = labelTags(labels).filter(tag => !tag.includes('/'))
  const wanted = [containerNameTag(name), ...some.slice(0, MOST_LABELS.adopted)]
  const { stale, missing } = difference(tags, wanted)
  if (stale.length > 0) await ports.removeTags(id, stale, call)
  if (missing.length === 0) return
  await ports.addTags(id, missing, call)
  const now = await ports.show(id, call)
  if (now.device_id !== device_id) await ports.removeTags(id, containerTags(now.tags), call)
}

/** What is to go and to come of the tags that tell of a container, and what stays of all. */
function difference(
  tags: readonly string[],
  wanted: readonly string[],
): { stale: string[]; missing: string[]; present: string[] } {
  const others = tags.length - containerTags(tags).length
  const fitting = wanted.slice(0, Math.max(0, MOST_TAGS - others))
  const stale = containerTags(tags).filter(tag => !fitting.includes(tag))
  return {
    stale,
    missing: fitting.filter(tag => !tags.includes(tag)),
    present: tags.filter(tag => !stale.includes(tag)),
  }
}
