import type { Option } from './option.ts'
import type { Config } from './option-table.ts'
import { optionTable } from './option-table.ts'

const heading = `# Configuration of kuryr. Every option is here with its default, as a comment: nothing needs to be set.
# To change one, take the "#" before it away. Read from ~/.kuryr/kuryr.conf, ~/kuryr.conf, /etc/kuryr/kuryr.conf or
# /etc/kuryr.conf, the first that is there, or from where --config-file says.
`

/** A file with all options that have an effect, commented out: `kuryr config sample` and `etc/kuryr.conf.sample`. */
export function sampleFile(): string {
  return [heading, ...(Object.keys(optionTable) as (keyof Config)[]).map(sampleSection)].join('\n')
}

function sampleSection(section: keyof Config): string {
  const { about, options } = optionTable[section]
  const entries = Object.entries(options).filter(([, option]) => option.withoutEffect === undefined)
  return `${comment(about)}\n[${section}]\n\n${entries.map(([name, option]) => sampleEntry(name, option)).join('\n')}`
}

function sampleEntry(name: string, option: Option<unknown>): string {
  const lines = [comment(option.help.replaceAll('`', '')), comment(`Value: ${option.type.words}.`)]
  if (typeof option.default === 'object') lines.push(comment(`Default: ${option.default.words}.`))
  const value = typeof option.default === 'string' ? option.default : ''
  return `${lines.join('\n')}\n#${name} = ${value}`.trimEnd() + '\n'
}

/** Comment lines of at most 118 characters. */
function comment(text: string): string {
  const lines = ['#']
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? '#'
    if (line.length > 1 && line.length + 1 + word.length > 118) lines.push(`# ${word}`)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines.join('\n')
}
