import { Believed } from './believed.ts'
import type { Call } from '../neutron/neutron.ts'
import { findOwnFirst, type NamedSearch } from './find-own-first.ts'
import type { Named } from './named.ts'

/** How many names are remembered: they are what users write. */
const MOST_NAMES = 1000

/**
 * Ids of what users name by name, to spare the network service the question at every start of a container. Believed for
 * `maxAge`: another may have the name by then. A call that fails on a remembered id forgets and looks again, once.
 */
export class KnownNames {
  readonly #ids: Believed<string>

  /** @param options.maxAge milliseconds */
  constructor(options: { maxAge?: number; clock?: () => number } = {}) {
    this.#ids = new Believed(options)
  }

  /**
   * As {@link findOwnFirst}; but an id is taken as it is: whoever uses it hears from the network service whether it is there.
   *
   * @throws {RangeError}
   */
  async idsOf(search: NamedSearch, named: readonly Named[], call: Call): Promise<string[]> {
    const known = named.map(one => ('id' in one ? one.id : this.#ids.get(keyOf(search, one.name))))
    const asked = named.filter((one, index) => 'name' in one && known[index] === undefined)
    if (asked.length === 0) return known.filter(id => id !== undefined)
    const found = await findOwnFirst(search, asked, call)
    for (const [index, one] of asked.entries()) this.#note(search, one, found[index] ?? '')
    return known.map(id => id ?? found.shift() ?? '')
  }

  /** Returns whether anything was remembered. */
  forget(): boolean {
    const any = this.#ids.size > 0
    this.#ids.forgetAll()
    return any
  }

  #note(search: NamedSearch, one: Named, id: string): void {
    if (!('name' in one)) return
    if (this.#ids.size >= MOST_NAMES) this.#ids.forgetAll()
    this.#ids.add(keyOf(search, one.name), id)
  }
}

function keyOf({ kind }: NamedSearch, name: string): string {
  return `${kind} ${name}`
}
