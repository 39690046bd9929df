import type { ConfigProblem } from './config-error.ts'

/** One `key = value` of an INI file. */
export interface IniEntry {
  section: string
  key: string
  /** Lines of a continued value joined by a newline; a pair of quotes around the first line taken off. */
  value: string
  /** Where the key stands, counted from 1. */
  line: number
}

/** What an INI file says, and what in it could not be read. */
export interface IniFile {
  sections: { name: string; line: number }[]
  entries: IniEntry[]
  problems: ConfigProblem[]
}

/**
 * Reads the INI dialect of oslo.config (`oslo_config/iniparser.py`): `key = value` or `key: value`, whichever sign
 * comes first; comments are whole lines that start with `#` or `;`; an indented line continues the value above it
 * until a blank line; a value in a pair of quotes loses them. A repeated key is kept each time: the reader of the
 * entries decides. Never throws: lines that make no sense become problems at `file:line`.
 */
export function readIni(text: string, file: string): IniFile {
  const reading = new IniReading(file)
  const withoutByteOrderMark = text.startsWith('\uFEFF') ? text.slice(1) : text
  for (const line of withoutByteOrderMark.split(/\r\n|\r|\n/)) reading.take(line.trimEnd())
  return reading.result
}

class IniReading {
  readonly result: IniFile = { sections: [], entries: [], problems: [] }
  readonly #file: string
  #lineNumber = 0
  #section: string | undefined
  /** What a following indented line continues; `skipped` after a line that was a problem, so that it is told once. */
  #open: IniEntry | 'skipped' | undefined

  constructor(file: string) {
    this.#file = file
  }

  take(line: string): void {
    this.#lineNumber++
    if (line === '') this.#open = undefined
    else if (line.startsWith(' ') || line.startsWith('\t')) this.#continue(line)
    else if (line.startsWith('[')) this.#startSection(line)
    else if (line.startsWith('#') || line.startsWith(';')) this.#open = undefined
    else this.#assign(line)
  }

  #continue(line: string): void {
    if (this.#open === undefined) {
      this.#problem('unexpected continuation: an indented line goes on with the value above it, and there is none')
    } else if (this.#open !== 'skipped') {
      this.#open.value += `\n${line.trimStart()}`
    }
  }

  #startSection(line: string): void {
    this.#open = undefined
    const name = line.endsWith(']') ? line.slice(1, -1) : ''
    if (name === '') {
      this.#problem(`expected a section such as [DEFAULT], got ${excerpt(line)}`)
      return
    }
    this.#section = name
    this.result.sections.push({ name, line: this.#lineNumber })
  }

  #assign(line: string): void {
    this.#open = 'skipped'
    const sign = line.search(/[=:]/)
    const key = line.slice(0, Math.max(sign, 0)).trim()
    if (sign < 0) {
      this.#problem(`expected "option = value", got ${excerpt(line)}`)
    } else if (key === '') {
      this.#problem('expected the name of an option before the "=" or ":", got none')
    } else if (this.#section === undefined) {
      this.#problem(`${excerpt(key)} stands before any section: write [DEFAULT] or its section above it`)
    } else {
      const value = withoutQuotes(line.slice(sign + 1).trim())
      this.#open = { section: this.#section, key, value, line: this.#lineNumber }
      this.result.entries.push(this.#open)
    }
  }

  #problem(what: string): void {
    this.result.problems.push({ where: `${this.#file}:${this.#lineNumber}`, what })
  }
}

function withoutQuotes(value: string): string {
  const first = value[0]
  const quoted = (first === '"' || first === "'") && value.endsWith(first)
  return quoted ? value.slice(1, -1) : value
}

/** Not the whole line: it may hold a secret or be as long as a file. Only a name's worth of it is shown. */
function excerpt(line: string): string {
  const start = /^[^\s=:]{0,40}/.exec(line)?.[0] ?? ''
  return JSON.stringify(start.length < line.length ? `${start}…` : start)
}
