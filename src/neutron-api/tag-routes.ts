import { UndoStack } from '../concurrency/undo-stack.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { ApiContext } from './api-context.ts'
import { requireBody } from './request-body.ts'
import type { WritableCollection } from './resource-routes.ts'
import { type Handler, pathParameter, type Route, sendEmpty } from './route.ts'

/** Neutron's limit since 2025.1, and that of every `Neutron` (see its `addTags`). */
const mostTags = 50

/** The tags of one kind of resource below `path`: all of them (`…/tags`) and each by its name (`…/tags/{tag}`). */
export function tagRoutes(path: string, collection: WritableCollection, context: ApiContext): Route[] {
  const tags = { collection, context }
  return [
    {
      path,
      handlers: { GET: listTags(tags), PUT: replaceTags(tags), POST: addTags(tags), DELETE: removeAllTags(tags) },
    },
    { path: `${path}/:tag`, handlers: { GET: hasTag(tags), PUT: addTag(tags), DELETE: removeTag(tags) } },
  ]
}

interface Tags {
  collection: WritableCollection
  context: ApiContext
}

function listTags({ collection, context }: Tags): Handler {
  return async request => ({ tags: (await collection.show(pathParameter(request, 'id'), context.call())).tags })
}

/**
 * Makes the tags exactly those of the body. The missing ones are added before the others go, so that a death between
 * leaves too many rather than too few; only where both together exceed the limit, it is the other way round.
 */
function replaceTags({ collection, context }: Tags): Handler {
  return async request => {
    const id = pathParameter(request, 'id')
    const wanted = readTags(request.body)
    const call = context.call()
    const present = (await collection.show(id, call)).tags
    const missing = wanted.filter(tag => !present.includes(tag))
    const surplus = present.filter(tag => !wanted.includes(tag))
    if (present.length + missing.length <= mostTags) {
      if (missing.length > 0) await collection.addTags(id, missing, call)
      if (surplus.length > 0) await collection.removeTags(id, surplus, call)
      return { tags: wanted }
    }
    await using undo = new UndoStack((what, error) => request.log.error({ err: error }, what))
    await collection.removeTags(id, surplus, call)
    undo.add(`add the tags of ${id} again`, () => collection.addTags(id, surplus))
    if (missing.length > 0) await collection.addTags(id, missing, call)
    undo.keep()
    return { tags: wanted }
  }
}

function addTags({ collection, context }: Tags): Handler {
  return async request => {
    const id = pathParameter(request, 'id')
    const call = context.call()
    await collection.addTags(id, readTags(request.body), call)
    return { tags: (await collection.show(id, call)).tags }
  }
}

function removeAllTags({ collection, context }: Tags): Handler {
  return async (request, reply) => {
    const id = pathParameter(request, 'id')
    const call = context.call()
    await collection.removeTags(id, (await collection.show(id, call)).tags, call)
    return sendEmpty(reply, 204)
  }
}

function hasTag(tags: Tags): Handler {
  return async (request, reply) => {
    await requireTag(tags, pathParameter(request, 'id'), pathParameter(request, 'tag'))
    return sendEmpty(reply, 204)
  }
}

function addTag({ collection, context }: Tags): Handler {
  return async (request, reply) => {
    await collection.addTags(pathParameter(request, 'id'), [pathParameter(request, 'tag')], context.call())
    return reply.code(201).type('application/json').send('null')
  }
}

function removeTag(tags: Tags): Handler {
  return async (request, reply) => {
    const [id, tag] = [pathParameter(request, 'id'), pathParameter(request, 'tag')]
    await requireTag(tags, id, tag)
    await tags.collection.removeTags(id, [tag], tags.context.call())
    return sendEmpty(reply, 204)
  }
}

async function requireTag({ collection, context }: Tags, id: string, tag: string): Promise<void> {
  const { tags } = await collection.show(id, context.call())
  if (!tags.includes(tag)) throw new NeutronError('TagNotFound', `Tag ${tag} could not be found.`)
}

/** The tags of `{"tags": […]}`: whether each is a good one, the service says. */
function readTags(body: unknown): string[] {
  const { tags } = requireBody(body)
  if (!Array.isArray(tags)) throw new NeutronError('InvalidInput', `Invalid tags body: expected {"tags": [<text>, …]}`)
  const wrong: unknown = tags.find(tag => typeof tag !== 'string')
  if (wrong !== undefined)
    throw new NeutronError('InvalidInput', `Invalid tags body: ${JSON.stringify(wrong)} is not a text`)
  if (tags.length > mostTags)
    throw new NeutronError('TagsLimitExceeded', `${tags.length} tags: at most ${mostTags} are allowed on one resource`)
  return [...new Set(tags as string[])]
}
