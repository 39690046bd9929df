import { escapeReferences, writeIniEntry } from './ini-writer.ts'
import type { LoadedConfig } from './load-config.ts'
import type { Config } from './option-table.ts'
import { allOptions, optionTable } from './option-table.ts'
import type { Origin } from './setting.ts'
import { describeOrigin } from './setting.ts'

/** An option as it is in effect, fit to be shown. */
export interface EffectiveValue {
  section: keyof Config
  name: string
  /** The value as a file would say it, references filled in; {@link masked} for a secret; '' for none. */
  text: string
  origin: Origin
  secret: boolean
}

/** What is shown in place of a secret that is set. */
export const masked = '***'

/** All options in the order of the table, or only those that somebody set. */
export function effectiveValues({ config, origins }: LoadedConfig, which: 'all' | 'changed'): EffectiveValue[] {
  const rows = allOptions.map(({ section, name, option }) => {
    const value = (config[section] as Readonly<Record<string, unknown>>)[name]
    const origin = (origins[section] as Readonly<Record<string, Origin>>)[name] ?? { kind: 'default' }
    const text = option.secret && value !== undefined ? masked : option.type.format(value)
    return { section, name, text, origin, secret: option.secret }
  })
  return which === 'all' ? rows : rows.filter(({ origin }) => origin.kind !== 'default')
}

/**
 * The values as a file that gives the same configuration when it is read, each with its origin as a comment. Secrets,
 * options without a value, and values that the dialect cannot write stay comments.
 */
export function effectiveValuesAsIni(rows: readonly EffectiveValue[]): string {
  const sections = (Object.keys(optionTable) as (keyof Config)[]).map(section => {
    const lines = rows.filter(row => row.section === section).map(iniLines)
    return lines.length === 0 ? '' : `[${section}]\n${lines.join('\n')}\n`
  })
  return sections.filter(section => section !== '').join('\n')
}

function iniLines({ name, text, origin, secret }: EffectiveValue): string {
  const comment = `# ${describeOrigin(origin)}`
  if (secret || (text === '' && origin.kind === 'default')) return `${comment}\n#${name} = ${text}`.trimEnd()
  const entry = writeIniEntry(name, escapeReferences(text))
  return `${comment}\n${entry ?? `#${name} has a value that cannot be written here`}`
}
