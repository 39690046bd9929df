import { didYouMean } from './nearest-name.ts'
import type { IniEntry, IniFile } from './ini-reader.ts'
import { readIni } from './ini-reader.ts'
import type { Config } from './option-table.ts'
import { findByAlias, findOption, isSection, optionTable } from './option-table.ts'
import { keystoneauthOptions } from './options/keystoneauth.ts'
import type { SourceContent } from './setting.ts'

/**
 * Turns the texts of files (path and text, in rising order of precedence) into settings. Unknown sections and options
 * are problems, with the nearest known name; sections of oslo's other libraries (`[oslo_…]`) only a warning, because
 * generated files of OpenStack services carry them.
 */
export function readSections(texts: readonly (readonly [path: string, text: string])[], into: SourceContent): void {
  const files = texts.map(([path, text]) => ({ path, ini: readIni(text, path) }))
  const authSection = files
    .flatMap(({ ini }) => ini.entries)
    .findLast(({ section, key }) => sectionName(section) === 'neutron' && key.replaceAll('-', '_') === 'auth_section')
  for (const { path, ini } of files) {
    into.problems.push(...ini.problems)
    new SectionReading(path, authSection?.value, into).read(ini)
  }
}

/** As oslo.config: letter case does not count, except in DEFAULT. */
function sectionName(written: string): string {
  return written === 'DEFAULT' ? written : written.toLowerCase()
}

class SectionReading {
  readonly #path: string
  readonly #authSection: string | undefined
  readonly #into: SourceContent

  constructor(path: string, authSection: string | undefined, into: SourceContent) {
    this.#path = path
    this.#authSection = authSection
    this.#into = into
  }

  read(ini: IniFile): void {
    for (const { name, line } of ini.sections) this.#checkSection(name, line)
    for (const entry of ini.entries) {
      const section = sectionName(entry.section)
      if (section === this.#authSection && !isSection(section)) this.#takeAuthEntry(entry)
      else if (isSection(section)) this.#takeEntry(section, entry)
    }
    this.#warnOfRepeats(ini)
  }

  #checkSection(name: string, line: number): void {
    const section = sectionName(name)
    if (isSection(section) || section === this.#authSection) return
    if (section.startsWith('oslo_')) {
      this.#into.warnings.push({
        where: this.#at(line),
        what: `section [${shown(name)}] is for other programs: ignored`,
      })
      return
    }
    const nearest = didYouMean(name, Object.keys(optionTable)).replace(/(\w+)\?$/, '[$1]?')
    this.#into.problems.push({ where: this.#at(line), what: `unknown section [${shown(name)}]${nearest}` })
  }

  #takeEntry(section: keyof Config, entry: IniEntry): void {
    const where = this.#at(entry.line)
    const current = findOption(section, entry.key)
    const named = current ?? findByAlias(section, entry.key)
    if (!named) {
      this.#into.problems.push({ where, what: unknownOption(section, entry.key) })
      return
    }
    if (!current) this.#into.warnings.push({ where, what: `${shown(entry.key)} is now called ${named.name}` })
    this.#into.settings.push({
      named,
      text: entry.value,
      origin: { kind: 'file', path: this.#path, line: entry.line },
    })
  }

  /** `[neutron] auth_section` names a section whose log-in options stand in for those of `[neutron]`. */
  #takeAuthEntry(entry: IniEntry): void {
    const named = findOption('neutron', entry.key) ?? findByAlias('neutron', entry.key)
    if (named && Object.hasOwn(keystoneauthOptions, named.name)) this.#takeEntry('neutron', entry)
    else {
      const nearest = didYouMean(entry.key, Object.keys(keystoneauthOptions))
      const what = `unknown option ${shown(entry.key)} in [${shown(entry.section)}]${nearest}`
      this.#into.problems.push({ where: this.#at(entry.line), what })
    }
  }

  #warnOfRepeats(ini: IniFile): void {
    const seen = new Map<string, number>()
    for (const { section, key, line } of ini.entries) {
      const name = `[${sectionName(section)}] ${key.replaceAll('-', '_')}`
      const before = seen.get(name)
      if (before !== undefined) {
        const what = `${shown(key)} of [${shown(section)}] again: this one counts, not line ${before}`
        this.#into.warnings.push({ where: this.#at(line), what })
      }
      seen.set(name, line)
    }
  }

  #at(line: number): string {
    return `${this.#path}:${line}`
  }
}

/**
 * `unknown option capabilty_scope in [DEFAULT]: did you mean capability_scope?`; an option that is known in another
 * section is told by that section.
 */
export function unknownOption(section: keyof Config, name: string): string {
  const said = `unknown option ${shown(name)} in [${section}]`
  const elsewhere = (Object.keys(optionTable) as (keyof Config)[]).filter(other => findOption(other, name))
  if (elsewhere.length > 0) return `${said}: it belongs to ${elsewhere.map(other => `[${other}]`).join(' or ')}`
  return said + didYouMean(name, Object.keys(optionTable[section].options))
}

/** A name from outside for a message: its control characters made visible, its length bounded. */
export function shown(name: string): string {
  const bounded = name.length > 60 ? `${name.slice(0, 60)}…` : name
  return /[\p{Cc}\p{Cf}]/u.test(bounded) ? JSON.stringify(bounded) : bounded
}
