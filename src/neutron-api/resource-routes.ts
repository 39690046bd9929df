import type { FastifyRequest } from 'fastify'
import type { TObject } from 'typebox'
import { UndoStack } from '../concurrency/undo-stack.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Call, Collection } from '../neutron/neutron.ts'
import { readIfMatch } from './if-match.ts'
import { type RawQuery, readListQuery, selectFields } from './list-query.ts'
import { pageLinks } from './page-links.ts'
import { unwrapCreate, unwrapUpdate, type WireNames } from './request-body.ts'
import type { ApiContext } from './api-context.ts'
import { type Handler, pathParameter, type Route, sendEmpty } from './route.ts'
import { requestUrl } from './request-url.ts'
import { tagRoutes } from './tag-routes.ts'

/** One kind of resource as it is served: its names on the wire, its schema, and the calls that stand behind it. */
export interface ServedResource extends WireNames {
  schema: TObject
  /** Fields that the service sets and a request may not. */
  readOnly: readonly string[]
  collection: ReadableCollection | WritableCollection
}

/** What every kind offers. Resources are typed no further: what the service answers goes out as it is. */
export type ReadableCollection = Pick<Collection<{ id: string }, never, never>, 'show' | 'list' | 'delete'>

/** Bodies are not validated on this side: each `Neutron` checks what it is given, and refuses in Neutron's words. */
export type WritableCollection = Collection<{ id: string; tags: string[] }, object, object>

/** The routes of one kind: `/networks`, `/networks/{id}`, and its tags. */
export function resourceRoutes(resource: ServedResource, context: ApiContext): Route[] {
  const { collection, plural } = resource
  const reading = { list: list(resource, collection, context), show: show(resource, collection, context) }
  const erase = remove(collection, context)
  if (!isWritable(collection))
    return [
      { path: `/v2.0/${plural}`, handlers: { GET: reading.list } },
      { path: `/v2.0/${plural}/:id`, handlers: { GET: reading.show, DELETE: erase } },
    ]
  return [
    { path: `/v2.0/${plural}`, handlers: { GET: reading.list, POST: create(resource, collection, context) } },
    {
      path: `/v2.0/${plural}/:id`,
      handlers: { GET: reading.show, PUT: update(resource, collection, context), DELETE: erase },
    },
    ...tagRoutes(`/v2.0/${plural}/:id/tags`, collection, context),
  ]
}

/** Whether this kind of resource can be created over the wire. */
export function isWritable(collection: ServedResource['collection']): collection is WritableCollection {
  return 'create' in collection
}

function list({ plural }: WireNames, collection: ReadableCollection, context: ApiContext): Handler {
  return async request => {
    const wanted = readListQuery(request.query as RawQuery)
    const page = await collection.list(wanted.query, context.call())
    const links = pageLinks(
      requestUrl(request),
      wanted,
      page.map(item => item.id),
    )
    return {
      [plural]: page.map(item => selectFields(item, wanted.fields)),
      ...(links.length > 0 && { [`${plural}_links`]: links }),
    }
  }
}

function show({ singular }: WireNames, collection: ReadableCollection, context: ApiContext): Handler {
  return async request => {
    const { fields } = readListQuery(request.query as RawQuery)
    const found = await collection.show(pathParameter(request, 'id'), context.call())
    return { [singular]: selectFields(found, fields) }
  }
}

function create(names: WireNames, collection: WritableCollection, context: ApiContext): Handler {
  return async (request, reply) => {
    const requested = unwrapCreate(request.body, names)
    const call = context.call()
    const body = requested.bulk
      ? { [names.plural]: await createAll(collection, requested.items, { call, log: request.log }) }
      : { [names.singular]: await collection.create(requested.item, call) }
    return reply.code(201).send(body)
  }
}

/**
 * Creates all of `items`, or none: when one fails, those made before are deleted again. Killed in between, those made
 * stay: the client had no answer, and finds them by listing.
 */
async function createAll(
  collection: WritableCollection,
  items: readonly object[],
  { call, log }: { call: Call; log: FastifyRequest['log'] },
): Promise<object[]> {
  await using made = new UndoStack((what, error) => log.error({ err: error }, `undoing a bulk create: ${what}`))
  const created: object[] = []
  for (const item of items) {
    const resource = await collection.create(item, call)
    // Without the request's deadline: it may be the reason why this is undone.
    made.add(`delete ${resource.id}`, () => collection.delete(resource.id))
    created.push(resource)
  }
  made.keep()
  return created
}

function update(names: WireNames, collection: WritableCollection, context: ApiContext): Handler {
  return async request => {
    const ifRevision = readIfMatch(request.headers['if-match'])
    const changes = unwrapUpdate(request.body, names)
    const options = { ...context.call(), ...(ifRevision !== undefined && { ifRevision }) }
    return { [names.singular]: await collection.update(pathParameter(request, 'id'), changes, options) }
  }
}

function remove(collection: ReadableCollection, context: ApiContext): Handler {
  return async (request, reply) => {
    if (readIfMatch(request.headers['if-match']) !== undefined)
      throw new NeutronError('HTTPBadRequest', 'If-Match is understood on PUT only: delete without it')
    await collection.delete(pathParameter(request, 'id'), context.call())
    return sendEmpty(reply, 204)
  }
}
