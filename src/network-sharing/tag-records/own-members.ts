import path from 'node:path'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { jsonOf, readStateFile, writeStateFile } from '../../state-file.ts'
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
    const text = readStateFile(this.#file)
    const content = text === undefined ? {} : jsonOf(text)
    if (File.Check(content)) return content
    throw new Error(
      `${this.#file} is damaged: remove it; networks that were removed meanwhile must then be removed by hand`,
    )
  }

  #write(): void {
    writeStateFile(this.#file, Object.fromEntries(this.#members))
  }
}
