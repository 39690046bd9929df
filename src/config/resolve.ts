import { escapedName, interpolate } from './interpolation.ts'
import type { Reference } from './interpolation.ts'
import type { Machine } from './option.ts'
import type { Config, NamedOption } from './option-table.ts'
import { findOption, isSection } from './option-table.ts'
import type { Setting } from './setting.ts'

/** `section.option`: the key of an option in a map. */
export function fullName({ section, name }: Pick<NamedOption, 'section' | 'name'>): string {
  return `${section}.${name}`
}

/** Finds the values of options: the given text or the default, references filled in, the type looked at. */
export class Resolution {
  readonly #given: ReadonlyMap<string, Setting>
  readonly #machine: Machine
  readonly #underway = new Set<string>()

  /** @param given by {@link fullName}, the setting that counts for each option that somebody set. */
  constructor(given: ReadonlyMap<string, Setting>, machine: Machine) {
    this.#given = given
    this.#machine = machine
  }

  /** The typed value, or what is wrong with it. An option without a value and without a default is undefined. */
  valueOf(named: NamedOption): { value: unknown } | { problem: string } {
    const text = this.#textOf(named)
    if (text === undefined) return { value: undefined }
    if ('problem' in text) return { problem: `${named.name}: ${text.problem}` }
    const parsed = named.option.type.parse(text.value)
    return 'value' in parsed ? parsed : { problem: wrongValue(named, text.value, parsed.expected) }
  }

  #textOf(named: NamedOption): Reference | undefined {
    const written = this.#given.get(fullName(named))?.text ?? this.#defaultOf(named)
    if (!written?.includes('$')) return written === undefined ? undefined : { value: written }
    const key = fullName(named)
    if (this.#underway.has(key)) return { problem: `its value refers back to itself` }
    this.#underway.add(key)
    try {
      return interpolate(written, name => this.#lookUp(name, named))
    } finally {
      this.#underway.delete(key)
    }
  }

  #defaultOf({ option }: NamedOption): string | undefined {
    return typeof option.default === 'object' ? option.default.from(this.#machine) : option.default
  }

  /** As oslo.config: a bare name is looked for in the section of the value first, then in `[DEFAULT]`. */
  #lookUp(name: string, from: NamedOption): Reference {
    const found = referenced(name, from.section)
    if (!found) {
      const what = from.option.secret ? 'a "$" in it is followed by the name of no option' : `$${name} names no option`
      return { problem: `${what}: ${escapedName}` }
    }
    if (found.option.secret && !from.option.secret) {
      return { problem: `$${name} is a secret, which may only be used in another secret` }
    }
    return this.#textOf(found) ?? { value: '' }
  }
}

function referenced(name: string, section: keyof Config): NamedOption | undefined {
  const dot = name.indexOf('.')
  if (dot < 0) return findOption(section, name) ?? findOption('DEFAULT', name)
  const other = name.slice(0, dot)
  return isSection(other) ? findOption(other, name.slice(dot + 1)) : undefined
}

function wrongValue({ name, option }: NamedOption, text: string, expected: string): string {
  const came = option.secret
    ? 'something else (not shown, for it is a secret)'
    : JSON.stringify(shown(text).slice(0, 200))
  return `${name}: expected ${expected}, got ${came}`
}

/** A URL without the user and password that somebody may have put there, wherever they thought that these end. */
function shown(text: string): string {
  return text.replace(/(:\/\/).*@/s, '$1***@')
}
