import type { Call } from '../neutron/neutron.ts'
import { Extension } from '../neutron/resources.ts'
import type { NetworkingCalls } from './networking-calls.ts'
import { readBody, readResource } from './read-resource.ts'
import type { ResourceKind } from './resource-kinds.ts'

const extensionKind: ResourceKind<typeof Extension> = {
  plural: 'extensions',
  singular: 'extension',
  schema: Extension,
  whenLeftOut: { name: '', description: '', updated: '', links: [] },
  notFound: 'HTTPNotFound',
  tagsInCreate: undefined,
}

/**
 * Which extensions Neutron has: asked once, remembered. A question that fails is not an answer: it fails the call that
 * wanted to know, and the next one asks again (upstream's B5 took a failure for "none", and deleted by name from then on).
 */
export class KnownExtensions {
  readonly #calls: NetworkingCalls
  #aliases: ReadonlySet<string> | undefined

  constructor(calls: NetworkingCalls) {
    this.#calls = calls
  }

  async has(alias: string, call: Call): Promise<boolean> {
    this.#aliases ??= new Set((await this.list(call)).map(extension => extension.alias))
    return this.#aliases.has(alias)
  }

  /** Neutron turned out to be another than remembered: it is asked anew when somebody wants to know. */
  forget(): void {
    this.#aliases = undefined
  }

  async list({ signal }: Call): Promise<Extension[]> {
    const { text } = await this.#calls.ask({ method: 'GET', path: '/extensions', signal }, 'HTTPNotFound')
    const { content } = readBody(text, 'extensions')
    const all = (Array.isArray(content) ? content : []).map(one => readResource(extensionKind, one))
    this.#aliases = new Set(all.map(({ alias }) => alias))
    return all
  }
}
