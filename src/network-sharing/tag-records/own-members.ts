import { readFileSync, renameSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type HostRecord, Member, Tombstone } from '../shared-network.ts'

const File = Compile(Type.Record(Type.String(), Type.Object({ member: Member, name: Tombstone.properties.name })))

/**
 * What this host is in each shared network, in `state_path/shared-members.json`: Neutron's tags have no room for the
 * members of many hosts. A network that this host is a member of, and that Neutron does not tell as shared any more, was
 * removed.
 */
export class OwnMembers {
  /** This host, once it takes part. */
  host: HostRecord | undefined
  readonly #file: string
  readonly #members = new Map<string, { member: Member; name: string }>()

  /** @throws {Error} when the file is there and cannot be read, saying what to do. */
  constructor(statePath: string) {
    this.#file = path.join(statePath, 'shared-members.json')
    for (const [id, entry] of Object.entries(this.#read())) this.#members.set(id, entry)
  }

  get(id: string): Member | undefined {
    return this.#members.get(id)?.member
  }

  nameOf(id: string): string {
    return this.#members.get(id)?.name ?? id
  }

  ids(): string[] {
    return [...this.#members.keys()]
  }

  put(id: string, member: Member, name: string): void {
    this.#members.set(id, { member, name })
    this.#write()
  }

  remove(id: string): void {
    if (this.#members.delete(id)) this.#write()
  }

  #read(): Record<string, { member: Member; name: string }> {
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
      throw error
    }
    const content: unknown = JSON.parse(text)
    if (File.Check(content)) return content
    throw new Error(
      `${this.#file} is damaged: remove it; networks that were removed meanwhile must then be removed by hand`,
    )
  }

  /** Killed in between: the file is as before. */
  #write(): void {
    mkdirSync(path.dirname(this.#file), { recursive: true })
    const text = `${JSON.stringify(Object.fromEntries(this.#members))}\n`
    writeFileSync(`${this.#file}.new`, text, { mode: 0o600, flush: true })
    renameSync(`${this.#file}.new`, this.#file)
  }
}
