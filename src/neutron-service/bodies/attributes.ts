import { Type } from 'typebox'

/** Attributes that several resources have in their request bodies. */
export const text = Type.Optional(Type.String({ maxLength: 255 }))
export const flag = Type.Optional(Type.Boolean())
export const tags = Type.Optional(Type.Array(Type.String()))

/** In create bodies: whose the resource is. Kept, and not judged: the embedded Neutron has one project. */
export const owner = { project_id: text, tenant_id: text }

/** Nothing that the schema does not name. */
export const closed = { additionalProperties: false } as const
