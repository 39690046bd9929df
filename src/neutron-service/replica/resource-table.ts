/** A resource and the revision of the store at which it was written. */
export interface Row<R> {
  readonly value: R
  readonly modRevision: number
}

/** For each indexed field, the values under which a resource is found. */
export type IndexedFields<R> = Readonly<Record<string, (value: R) => readonly string[]>>

/** Resources of one kind by key, with indexes. One value with one row costs no set. */
export class ResourceTable<R> {
  readonly #rows = new Map<string, Row<R>>()
  readonly #fields: [field: string, valuesOf: (value: R) => readonly string[]][]
  readonly #indexes = new Map<string, Map<string, Row<R> | Set<Row<R>>>>()

  constructor(fields: IndexedFields<R>) {
    this.#fields = Object.entries(fields)
    for (const field of Object.keys(fields)) this.#indexes.set(field, new Map())
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: string): Row<R> | undefined {
    return this.#rows.get(key)
  }

  *values(): Generator<R> {
    for (const row of this.#rows.values()) yield row.value
  }

  put(key: string, row: Row<R>): void {
    this.delete(key)
    this.#rows.set(key, row)
    this.#eachIndexed(row, (index, value) => {
      const there = index.get(value)
      if (there === undefined) index.set(value, row)
      else if (there instanceof Set) there.add(row)
      else index.set(value, new Set([there, row]))
    })
  }

  /** Removes and returns the resource. */
  delete(key: string): R | undefined {
    const row = this.#rows.get(key)
    if (!row) return undefined
    this.#rows.delete(key)
    this.#eachIndexed(row, (index, value) => {
      const there = index.get(value)
      if (there instanceof Set) {
        there.delete(row)
        if (there.size === 0) index.delete(value)
      } else if (there === row) index.delete(value)
    })
    return row.value
  }

  isIndexed(field: string): boolean {
    return this.#indexes.has(field)
  }

  /** Every resource found under `value` of an indexed field. */
  *with(field: string, value: string): Generator<R> {
    const found = this.#indexes.get(field)?.get(value)
    if (found instanceof Set) for (const row of found) yield row.value
    else if (found) yield found.value
  }

  /** How many resources {@link with} would give. */
  count(field: string, value: string): number {
    const found = this.#indexes.get(field)?.get(value)
    return found instanceof Set ? found.size : found ? 1 : 0
  }

  #eachIndexed(row: Row<R>, visit: (index: Map<string, Row<R> | Set<Row<R>>>, value: string) => void): void {
    for (const [field, valuesOf] of this.#fields) {
      const index = this.#indexes.get(field)
      // A resource may name a value twice (two tags alike); it is indexed once.
      if (index) for (const value of new Set(valuesOf(row.value))) visit(index, value)
    }
  }
}
