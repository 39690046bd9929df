import { randomUUID } from 'node:crypto'
import { NeutronError } from '../neutron/errors.ts'
import { type ServiceContext, timestamp } from './context.ts'
import { checkedTags } from './tags/tag-rules.ts'

interface Described {
  name?: string
  description?: string
  project_id?: string
  tenant_id?: string
  tags?: readonly string[]
}

interface Revised {
  id: string
  revision_number: number
  updated_at: string
}

/** What every new resource has. */
export function bornAttributes(
  context: Pick<ServiceContext, 'clock'>,
  body: Described,
): {
  id: string
  name: string
  description: string
  project_id: string
  tenant_id: string
  tags: string[]
  created_at: string
  updated_at: string
  revision_number: number
} {
  const now = timestamp(context.clock)
  const project = body.project_id ?? body.tenant_id ?? ''
  return {
    id: randomUUID(),
    name: body.name ?? '',
    description: body.description ?? '',
    project_id: project,
    tenant_id: project,
    tags: checkedTags(body.tags ?? []),
    created_at: now,
    updated_at: now,
    revision_number: 0,
  }
}

/** The resource with `changes`, one revision later. */
export function revised<R extends Revised>(
  context: Pick<ServiceContext, 'clock'>,
  resource: R,
  changes: Partial<R>,
): R {
  const revision = { revision_number: resource.revision_number + 1, updated_at: timestamp(context.clock) }
  return { ...resource, ...changes, ...revision }
}

/** @throws NeutronError RevisionNumberConstraintFailed when the caller knows another revision of the resource */
export function checkRevision(resource: Revised, expected: number | undefined): void {
  if (expected === undefined || resource.revision_number === expected) return
  throw new NeutronError(
    'RevisionNumberConstraintFailed',
    `Constrained to ${expected}, but current revision is ${resource.revision_number} of ${resource.id}`,
  )
}
