import type { AccessServices } from '../neutron/access.ts'
import type { Call, Query } from '../neutron/neutron.ts'
import { describeNamed, type Named } from './named.ts'

interface OfProject {
  id: string
  name: string
  project_id: string
}

/** Where is looked for what a user named by an option. */
export interface NamedSearch {
  /** For messages: `security group`. */
  kind: string
  option: string
  collection: { list(query: Query, call?: Call): Promise<OfProject[]> }
  access: Pick<AccessServices, 'ownProject'>
}

/**
 * The ids of what the user named, in that order. Every project may have its `default`, and an admin sees them all: of
 * several with one name that of our own project is meant. One request for all ids and one for all names.
 *
 * @throws {RangeError} for one that is not there, or whose name is ambiguous (the message lists the ids).
 */
export async function findOwnFirst(search: NamedSearch, named: readonly Named[], call: Call): Promise<string[]> {
  const ids = named.flatMap(one => ('id' in one ? [one.id] : []))
  const names = named.flatMap(one => ('name' in one ? [one.name] : []))
  const list = (query: Query): Promise<OfProject[]> => search.collection.list(query, call)
  const [byId, byName, project] = await Promise.all([
    ids.length === 0 ? [] : list({ id: ids }),
    names.length === 0 ? [] : list({ name: names }),
    names.length === 0 ? undefined : search.access.ownProject(call),
  ])
  return named.map(one => {
    if ('id' in one) return theOnly(search, one, [byId.filter(({ id }) => id === one.id)])
    const found = byName.filter(({ name }) => name === one.name)
    return theOnly(search, one, [found.filter(({ project_id }) => project_id === project), found])
  })
}

/** Of the first of the groups that has any. */
function theOnly({ kind, option }: NamedSearch, named: Named, groups: OfProject[][]): string {
  const found = groups.find(({ length }) => length > 0) ?? []
  const [only, ...others] = found
  if (only === undefined) {
    throw new RangeError(
      `option ${option}: no ${kind} with ${describeNamed(named)} is in this project or shared with it: make it first, or name another`,
    )
  }
  if (others.length === 0) return only.id
  const ids = found.map(({ id, project_id }) => `${id} of project ${project_id}`).join(', ')
  throw new RangeError(
    `option ${option}: ${describeNamed(named)} is not of one ${kind}, but of ${found.length} (${ids}): give the id of one`,
  )
}
