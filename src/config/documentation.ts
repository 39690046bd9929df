import { variableOf } from './environment.ts'
import type { Option } from './option.ts'
import type { Config } from './option-table.ts'
import { optionTable } from './option-table.ts'

/** Reference of all options in Markdown: the generated part of `docs/configuration.md`. */
export function optionReference(): string {
  return (Object.keys(optionTable) as (keyof Config)[]).map(sectionReference).join('\n')
}

function sectionReference(section: keyof Config): string {
  const { about, options } = optionTable[section]
  const entries = Object.entries(options)
  const used = entries.filter(([, option]) => option.withoutEffect === undefined)
  const unused = entries.filter(([, option]) => option.withoutEffect !== undefined)
  const parts = [`## [${section}]\n\n${about}\n`, ...used.map(([name, option]) => optionEntry(section, name, option))]
  if (unused.length > 0) parts.push(unusedTable(unused))
  return parts.join('\n')
}

function optionEntry(section: keyof Config, name: string, option: Option<unknown>): string {
  const facts = [
    `- Value: ${option.type.words}`,
    `- Default: ${defaultInWords(option)}`,
    `- Environment: ${[variableOf({ section, name }), ...option.environment].map(code).join(', ')}`,
    ...(option.aliases.length > 0 ? [`- Older names: ${option.aliases.map(code).join(', ')}`] : []),
    ...(option.secret ? ['- Secret: never shown'] : []),
    ...(option.origin === 'upstream' ? ['- As in Python Kuryr'] : []),
  ]
  return `### ${name}\n\n${option.help}\n\n${facts.join('\n')}\n`
}

function unusedTable(entries: readonly (readonly [string, Option<unknown>])[]): string {
  const rows = entries.map(([name, option]) => {
    const names = [name, ...option.aliases].map(code).join(', ')
    return `| ${names} | ${defaultInWords(option)} | ${option.help} Not used: ${option.withoutEffect ?? ''}. |`
  })
  const heading = '| Option | Default | Meaning, and why it is not used |\n| --- | --- | --- |'
  return `Accepted from Python Kuryr’s files, without effect:\n\n${heading}\n${rows.join('\n')}\n`
}

function defaultInWords(option: Option<unknown>): string {
  if (option.default === undefined) return 'none'
  if (typeof option.default === 'object') return option.default.words
  return option.default === '' ? 'nothing' : code(option.default)
}

function code(text: string): string {
  return `\`${text}\``
}
