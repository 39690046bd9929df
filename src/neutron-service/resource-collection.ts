import type { TObject } from 'typebox'
import type { Call, Collection, Query, UpdateOptions } from '../neutron/neutron.ts'
import type { ServiceContext } from './context.ts'
import { deepCopy } from './deep-copy.ts'
import { candidates } from './listing/candidates.ts'
import { listResources } from './listing/list-resources.ts'
import type { Tables } from './replica/tables.ts'
import { found, type Kind } from './resource-kind.ts'
import { changeTags } from './tags/change-tags.ts'
import { limited } from './writes/call-limit.ts'
import { retrying } from './writes/commit.ts'

interface Resource {
  id: string
  tags: string[]
  revision_number: number
  updated_at: string
}

/** The rules of one kind of resource. */
export interface ResourceRules<R, Create, Update> {
  kind: Kind<R>
  schema: TObject
  create: (context: ServiceContext, signal: AbortSignal, body: Create) => Promise<R>
  update: (
    context: ServiceContext,
    signal: AbortSignal,
    change: { id: string; body: Update; options: UpdateOptions },
  ) => Promise<R>
  delete: (context: ServiceContext, signal: AbortSignal, id: string) => Promise<void>
  /** The resource as its readers see it, if the record alone does not say all. */
  present?: (tables: Tables, resource: R) => R
}

/** One kind of resource as a `Collection`: rules for writes, the replica behind its barrier for reads. */
export class ResourceCollection<R extends Resource, Create, Update> implements Collection<R, Create, Update> {
  readonly #context: ServiceContext
  readonly #rules: ResourceRules<R, Create, Update>
  readonly #attributes: ReadonlySet<string>

  constructor(context: ServiceContext, rules: ResourceRules<R, Create, Update>) {
    this.#context = context
    this.#rules = rules
    this.#attributes = new Set(Object.keys(rules.schema.properties))
  }

  create(body: Create, call?: Call): Promise<R> {
    return limited(this.#context, call, async signal => deepCopy(await this.#rules.create(this.#context, signal, body)))
  }

  show(id: string, call?: Call): Promise<R> {
    return this.#read(call, tables => deepCopy(this.#present(tables, found(this.#rules.kind, tables, id).value)))
  }

  list(query: Query = {}, call?: Call): Promise<R[]> {
    return this.#read(call, tables => {
      const some = Iterator.from(candidates(this.#rules.kind.table(tables), query)).map(resource =>
        this.#present(tables, resource),
      )
      const marker = (id: string): R => this.#present(tables, found(this.#rules.kind, tables, id).value)
      return listResources(some, query, { attributes: this.#attributes, marker }).map(deepCopy)
    })
  }

  update(id: string, body: Update, options: UpdateOptions = {}): Promise<R> {
    const change = { id, body, options }
    return limited(this.#context, options, async signal =>
      deepCopy(await this.#rules.update(this.#context, signal, change)),
    )
  }

  delete(id: string, call?: Call): Promise<void> {
    return limited(this.#context, call, signal => this.#rules.delete(this.#context, signal, id))
  }

  addTags(id: string, tags: readonly string[], call?: Call): Promise<void> {
    return limited(this.#context, call, signal =>
      changeTags(this.#context, signal, { kind: this.#rules.kind, id, add: tags }),
    )
  }

  removeTags(id: string, tags: readonly string[], call?: Call): Promise<void> {
    return limited(this.#context, call, signal =>
      changeTags(this.#context, signal, { kind: this.#rules.kind, id, remove: tags }),
    )
  }

  #present(tables: Tables, resource: R): R {
    return this.#rules.present?.(tables, resource) ?? resource
  }

  #read<T>(call: Call | undefined, answer: (tables: Tables) => T): Promise<T> {
    const context = this.#context
    return limited(context, call, async signal => {
      await retrying(context, signal, () => context.replica.fresh(signal))
      return answer(context.replica.tables)
    })
  }
}
