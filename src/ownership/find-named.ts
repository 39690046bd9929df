import type { Call, Collection } from '../neutron/neutron.ts'
import { ifThere } from './if-there.ts'
import { describeNamed, type Named } from './named.ts'

/** What a user named, as it was found a moment ago. */
export interface FoundNamed<Resource> {
  named: Named
  resource: Resource
}

/** Whether this name means what was found: the same words do, and the id, which wins over a name, whatever the words. */
export function means(named: Named, found: FoundNamed<{ id: string }>): boolean {
  return 'id' in named ? named.id === found.resource.id : 'name' in found.named && named.name === found.named.name
}

/**
 * The resource that a user named by uuid or by name.
 *
 * @param kind for the message: `network`, `subnet`, `subnet pool`.
 * @throws {RangeError} when there is none, or when the name is ambiguous (the message lists the ids).
 */
export async function findNamed<Resource extends { id: string }>(
  collection: Pick<Collection<Resource, never, never>, 'show' | 'list'>,
  kind: string,
  named: Named,
  call: Call,
): Promise<Resource> {
  const found =
    'id' in named
      ? [await ifThere(collection.show(named.id, call))].filter(one => one !== undefined)
      : await collection.list(named, call)
  const [only, ...others] = found
  if (only === undefined) throw new RangeError(`no ${kind} with ${describeNamed(named)}`)
  if (others.length > 0) {
    const ids = found.map(({ id }) => id).join(', ')
    throw new RangeError(`${found.length} ${kind}s have the ${describeNamed(named)} (${ids}): name one by its uuid`)
  }
  return only
}
