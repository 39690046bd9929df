import { Type, type TObject } from 'typebox'
import { isWritable, type ServedResource } from './resource-routes.ts'
import type { Route } from './route.ts'

/** `GET /openapi.json`: the served resources as an OpenAPI 3.1 document, made from the schemas of their types. */
export function openApiRoute(resources: readonly ServedResource[]): Route {
  const document = openApiDocument(resources)
  return { path: '/openapi.json', handlers: { GET: () => document } }
}

/** The OpenAPI document of `resources`: what is served, not what OpenStack's Neutron has besides. */
export function openApiDocument(resources: readonly ServedResource[]): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kuryr network service',
      version: '2.0',
      description: "The part of OpenStack's Networking API v2.0 that Kuryr serves.",
    },
    paths: Object.fromEntries(resources.flatMap(pathsOf)),
    components: {
      schemas: {
        NeutronError: errorSchema,
        ...Object.fromEntries(resources.flatMap(schemasOf)),
      },
    },
  }
}

const errorSchema = Type.Object({
  NeutronError: Type.Object({ type: Type.String(), message: Type.String(), detail: Type.String() }),
})

function schemasOf(resource: ServedResource): [string, TObject][] {
  const name = schemaName(resource)
  const schema: [string, TObject] = [name, resource.schema]
  return isWritable(resource.collection) ? [schema, [`${name}_request`, requestSchema(resource)]] : [schema]
}

function schemaName({ singular }: ServedResource): string {
  return singular
}

/** What a request may say: every field that the service does not set itself; none is always required. */
function requestSchema({ schema, readOnly }: ServedResource): TObject {
  return Type.Partial(Type.Omit(schema, [...readOnly]))
}

function pathsOf(resource: ServedResource): [string, object][] {
  const { plural } = resource
  const writable = isWritable(resource.collection)
  return [
    [
      `/v2.0/${plural}`,
      {
        get: { summary: `List ${plural}`, parameters: listParameters, responses: answers(200, listOf(resource)) },
        ...(writable && {
          post: {
            summary: `Create one ${resource.singular}, or several of ${plural}: all or none`,
            requestBody: content({ anyOf: [wrapped(resource, '_request'), listOf(resource, '_request')] }),
            responses: answers(201, { anyOf: [wrapped(resource), listOf(resource)] }),
          },
        }),
      },
    ],
    [`/v2.0/${plural}/{id}`, onePath(resource, writable)],
    ...(writable ? tagPaths(plural) : []),
  ]
}

function onePath(resource: ServedResource, writable: boolean): object {
  const { singular } = resource
  return {
    parameters: [inPath('id')],
    get: { summary: `Show one ${singular}`, responses: answers(200, wrapped(resource)) },
    delete: { summary: `Delete one ${singular}`, responses: answers(204) },
    ...(writable && {
      put: {
        summary: `Change one ${singular}; with If-Match: revision_number=N only that revision`,
        parameters: [{ name: 'If-Match', in: 'header', schema: Type.String() }],
        requestBody: content(wrapped(resource, '_request')),
        responses: answers(200, wrapped(resource)),
      },
    }),
  }
}

function tagPaths(plural: string): [string, object][] {
  const tags = Type.Object({ tags: Type.Array(Type.String()) })
  return [
    [
      `/v2.0/${plural}/{id}/tags`,
      {
        parameters: [inPath('id')],
        get: { summary: 'List the tags', responses: answers(200, tags) },
        put: { summary: 'Replace the tags', requestBody: content(tags), responses: answers(200, tags) },
        post: { summary: 'Add tags', requestBody: content(tags), responses: answers(200, tags) },
        delete: { summary: 'Remove all tags', responses: answers(204) },
      },
    ],
    [
      `/v2.0/${plural}/{id}/tags/{tag}`,
      {
        parameters: [inPath('id'), inPath('tag')],
        get: { summary: 'Whether the tag is there', responses: answers(204) },
        put: { summary: 'Add the tag', responses: answers(201) },
        delete: { summary: 'Remove the tag', responses: answers(204) },
      },
    ],
  ]
}

const listParameters = [
  ...['fields', 'sort_key', 'sort_dir', 'tags', 'tags-any', 'not-tags', 'not-tags-any'].map(name => ({
    name,
    in: 'query',
    schema: Type.Array(Type.String()),
  })),
  { name: 'limit', in: 'query', schema: Type.Integer({ minimum: 0 }) },
  { name: 'marker', in: 'query', schema: Type.String() },
  { name: 'page_reverse', in: 'query', schema: Type.Boolean() },
]

function inPath(name: string): object {
  return { name, in: 'path', required: true, schema: Type.String() }
}

function wrapped(resource: ServedResource, suffix = ''): object {
  return {
    type: 'object',
    required: [resource.singular],
    properties: { [resource.singular]: reference(schemaName(resource) + suffix) },
  }
}

function listOf(resource: ServedResource, suffix = ''): object {
  return {
    type: 'object',
    required: [resource.plural],
    properties: { [resource.plural]: { type: 'array', items: reference(schemaName(resource) + suffix) } },
  }
}

function answers(status: number, schema?: object): object {
  return {
    [status]: { description: 'done', ...(schema && content(schema)) },
    default: { description: 'refused or failed', ...content(reference('NeutronError')) },
  }
}

function content(schema: object): object {
  return { content: { 'application/json': { schema } } }
}

function reference(name: string): object {
  return { $ref: `#/components/schemas/${name}` }
}
