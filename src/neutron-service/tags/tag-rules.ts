import { NeutronError } from '../../neutron/errors.ts'
import { excerpt, invalidInput } from '../bodies/body-reader.ts'

/** Neutron's limits: tags of one resource, characters of one tag. */
const mostTags = 50
const longestTag = 255

/**
 * The tags, each once, in the order given.
 * @throws NeutronError HTTPBadRequest for a tag that may not be, TagsLimitExceeded for too many
 */
export function checkedTags(tags: readonly string[]): string[] {
  for (const tag of tags) {
    if (typeof tag !== 'string' || tag.length === 0 || tag.length > longestTag || tag.includes(',')) {
      throw invalidInput('tags', `${excerpt(tag)} is not a tag: expected 1 to ${longestTag} characters without a comma`)
    }
  }
  const once = [...new Set(tags)]
  if (once.length <= mostTags) return once
  const message = `The number of tags exceed the per-resource limit of ${mostTags}: ${once.length} would be there.`
  throw new NeutronError('TagsLimitExceeded', message)
}
