import { OpenStackError } from '../keystone/openstack-error.ts'
import { isNotFound, NeutronError } from '../neutron/errors.ts'
import type { Call, Collection, Query, TagCall, UpdateOptions } from '../neutron/neutron.ts'
import type { KnownExtensions } from './known-extensions.ts'
import type { LostCreations } from './lost-creation.ts'
import type { NetworkingCalls } from './networking-calls.ts'
import { pagesOf } from './pages.ts'
import { queryString } from './query-string.ts'
import { readBody, readResource } from './read-resource.ts'
import { pathOf, type ResourceKind } from './resource-kinds.ts'
import { TagCalls } from './tag-calls.ts'

export interface CollectionParts {
  calls: NetworkingCalls
  extensions: KnownExtensions
  lost: LostCreations
}

type Body = Readonly<Record<string, unknown>> & { tags?: string[] }

/** One kind of resource of OpenStack's Neutron. */
export class RemoteCollection<Resource extends { id: string; tags?: string[] }, Create, Update> implements Collection<
  Resource,
  Create,
  Update
> {
  readonly #kind: ResourceKind
  readonly #parts: CollectionParts
  readonly #tags: TagCalls

  constructor(kind: ResourceKind, parts: CollectionParts) {
    this.#kind = kind
    this.#parts = parts
    this.#tags = new TagCalls(kind, parts.calls, parts.extensions)
  }

  /** Where Neutron takes no tags at creation they are put on at once after; if that fails, all is taken back. */
  async create(body: Create, call: Call = {}): Promise<Resource> {
    const { tags = [], ...bare } = body as Body
    if (tags.length === 0) return this.#post(bare, call)
    if (await this.#takesTags(call)) {
      try {
        return await this.#post({ ...bare, tags }, call)
      } catch (error) {
        if (!this.#sawNoTags(error)) throw error
      }
    }
    const made = await this.#post(bare, call)
    try {
      await this.#tags.replace(made.id, tags, call)
    } catch (error) {
      await this.delete(made.id).catch(() => this.#takeBack(bare, made.id))
      throw error
    }
    return { ...made, tags: [...tags] }
  }

  async show(id: string, call: Call = {}): Promise<Resource> {
    return this.#one({ method: 'GET', path: this.#path(id), signal: call.signal })
  }

  async list(query: Query = {}, call: Call = {}): Promise<Resource[]> {
    const found: unknown[] = []
    const ask = async (page: Query): Promise<string> => {
      const path = `${pathOf(this.#kind)}${queryString(page)}`
      return (await this.#parts.calls.ask({ method: 'GET', path, signal: call.signal }, 'HTTPNotFound')).text
    }
    for await (const page of pagesOf(this.#kind.plural, query, ask)) found.push(...page)
    // A part of the fields is no resource, and is not checked as one.
    if (query.fields !== undefined) return found as Resource[]
    return found.map(one => this.#read(one))
  }

  async update(id: string, body: Update, { signal, ifRevision }: UpdateOptions = {}): Promise<Resource> {
    // Agents report a port's status; Neutron takes it from nobody else.
    const { status: _, ...change } = body as Body
    if (Object.keys(change).length === 0) return this.show(id, { ...(signal && { signal }) })
    const headers = ifRevision === undefined ? {} : { 'if-match': `revision_number=${ifRevision}` }
    return this.#one({ method: 'PUT', path: this.#path(id), headers, body: { [this.#kind.singular]: change }, signal })
  }

  async delete(id: string, { signal }: Call = {}): Promise<void> {
    await this.#parts.calls.ask({ method: 'DELETE', path: this.#path(id), signal }, this.#kind.notFound)
  }

  addTags(id: string, tags: readonly string[], call: TagCall = {}): Promise<void> {
    return this.#tags.add(id, tags, call)
  }

  removeTags(id: string, tags: readonly string[], call: TagCall = {}): Promise<void> {
    return this.#tags.remove(id, tags, call)
  }

  async #post(body: Body, { signal }: Call): Promise<Resource> {
    try {
      const path = pathOf(this.#kind)
      return await this.#one({ method: 'POST', path, body: { [this.#kind.singular]: body }, signal })
    } catch (error) {
      if (mayHaveBeenDone(error)) this.#takeBack(body)
      throw error
    }
  }

  async #one(request: Parameters<NetworkingCalls['ask']>[0]): Promise<Resource> {
    const { text } = await this.#parts.calls.ask(request, this.#kind.notFound)
    return this.#read(readBody(text, this.#kind.singular).content)
  }

  #read(answered: unknown): Resource {
    return readResource(this.#kind, answered)
  }

  /** Where only the description tells what was made, it must be the only one of its kind. */
  #takeBack({ description }: Body, id?: string): void {
    const unique = typeof description === 'string' && /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(description)
    if (id === undefined && !unique) return
    const query = id === undefined ? { description: String(description) } : { id }
    this.#parts.lost.takeBack({
      what: this.#kind.singular,
      find: async signal => (await this.list(query, { signal })).map(one => one.id),
      remove: async (found, signal) => {
        await this.delete(found, { signal }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error
        })
      },
    })
  }

  async #takesTags(call: Call): Promise<boolean> {
    const { tagsInCreate } = this.#kind
    return tagsInCreate !== undefined && (await this.#parts.extensions.has(tagsInCreate, call))
  }

  /** Neutron was replaced by one without the extension since it was asked. */
  #sawNoTags(error: unknown): boolean {
    const refused =
      error instanceof NeutronError && error.status === 400 && error.message.includes("'tags' not allowed")
    if (refused) this.#parts.extensions.forget()
    return refused
  }

  #path(id: string): string {
    return `${pathOf(this.#kind)}/${encodeURIComponent(id)}`
  }
}

/** Whether what was asked may have been done all the same: the answer was lost, or came from a proxy before Neutron. */
function mayHaveBeenDone(error: unknown): boolean {
  if (!(error instanceof NeutronError)) return true
  if (error.status < 500) return false
  const cause = error.cause
  const nothingAsked = ['unreachable', 'untrusted', 'no token', 'refused', 'misconfigured']
  return !(cause instanceof OpenStackError && nothingAsked.includes(cause.kind))
}
