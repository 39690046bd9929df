import type { OpenStack } from '../../lab/openstack/openstack.ts'

/**
 * How many requests Neutron's access log tells of while `work` runs. With KURYR_SHOW_REQUESTS in the environment each is
 * printed.
 */
export async function requestsOf({ neutron }: OpenStack, work: () => Promise<unknown>): Promise<number> {
  const before = (await neutron.requests()).length
  await work()
  const made = (await neutron.requests()).slice(before)
  if (process.env.KURYR_SHOW_REQUESTS) {
    process.stdout.write(`${made.map(({ method, status, target }) => `${method} ${status} ${target}\n`).join('')}\n`)
  }
  return made.length
}

/** A table of requests, printed at the end: a name, and a figure for each column. */
export class RequestTable {
  readonly #columns: readonly string[]
  readonly #rows: string[] = []

  constructor(columns: readonly string[]) {
    this.#columns = columns
  }

  /** @param counts one for each column; `undefined` prints dashes */
  add(name: string, counts: readonly number[] | undefined): void {
    const cells = this.#columns.map((column, at) => String(counts?.[at] ?? '-').padStart(column.length))
    this.#rows.push(`${name.padEnd(56)} ${cells.join('  ')}`)
  }

  print(): void {
    const head = `${'requests of Neutron for'.padEnd(56)} ${this.#columns.join('  ')}`
    process.stdout.write(`\n${[head, ...this.#rows].join('\n')}\n`)
  }
}
