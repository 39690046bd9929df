import type { OptionType, Parsed } from './option.ts'

/** Any text. */
export const text: OptionType<string> = {
  words: 'text',
  parse: value => ({ value }),
  format: value => value,
}

/** A name without blanks, at most as long as Neutron keeps one. */
export const name: OptionType<string> = {
  words: 'a name without blanks, up to 255 characters',
  parse: value => (/^[^\s\p{Cc}]{1,255}$/u.test(value) ? { value } : { expected: name.words }),
  format: value => value,
}

const yes = ['true', '1', 'on', 'yes']
const no = ['false', '0', 'off', 'no']

/** A word for paths and keys. */
export const oneWord: OptionType<string> = {
  words: 'letters, digits, ".", "_" and "-", up to 63 characters',
  parse: value => (/^[\w.-]{1,63}$/.test(value) ? { value } : { expected: oneWord.words }),
  format: value => value,
}

/** Yes or no, in the words that oslo.config takes, in any letter case. */
export const boolean: OptionType<boolean> = {
  words: 'true or false (also yes/no, on/off, 1/0)',
  choices: ['true', 'false'],
  parse(value) {
    const word = value.toLowerCase()
    if (yes.includes(word)) return { value: true }
    return no.includes(word) ? { value: false } : { expected: boolean.words }
  },
  format: value => String(value),
}

/** A whole number within the bounds, both included. */
export function wholeNumber(from: number, to: number): OptionType<number> {
  const words = `a whole number from ${from} to ${to}`
  return {
    words,
    parse(value) {
      const number = /^[+-]?\d{1,15}$/.test(value) ? Number(value) : NaN
      return number >= from && number <= to ? { value: number } : { expected: words }
    },
    format: value => String(value),
  }
}

/** A length of time in seconds, fractions allowed, within the bounds, both included. */
export function seconds(from: number, to: number): OptionType<number> {
  const words = `seconds from ${from} to ${to}`
  return {
    words,
    parse(value) {
      const number = /^\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : NaN
      return number >= from && number <= to ? { value: number } : { expected: words }
    },
    format: value => String(value),
  }
}

/** One of a few words. */
export function oneOf<const T extends string>(...choices: T[]): OptionType<T> {
  const words = choices.slice(0, -1).join(', ') + ` or ${choices.at(-1) ?? ''}`
  return {
    words,
    choices,
    parse(value) {
      const found = choices.find(choice => choice === value)
      return found === undefined ? { expected: words } : { value: found }
    },
    format: value => value,
  }
}

/**
 * A driver by its short name or, as upstream's files have it, by its Python module: `kuryr.lib.binding.drivers.veth`
 * is `veth`.
 */
export function driverName<const T extends string>(...drivers: T[]): OptionType<T> {
  const short = oneOf(...drivers)
  return {
    ...short,
    words: `${short.words}, or its Python module as upstream names it`,
    parse: value => short.parse(value.slice(value.lastIndexOf('.') + 1)),
  }
}

/** Values of one type with commas between; blanks around each do not count, nothing at all is no values. */
export function listOf<T>(item: OptionType<T>): OptionType<readonly T[]> {
  return {
    words: `a list with commas between: ${item.words}`,
    parse: value => (value.trim() === '' ? { value: [] } : parsedItems(value.split(','), item)),
    format: values => values.map(value => item.format(value)).join(','),
  }
}

function parsedItems<T>(items: string[], type: OptionType<T>): Parsed<T[]> {
  const values: T[] = []
  for (const item of items) {
    const parsed = type.parse(item.trim())
    if ('expected' in parsed) return parsed
    values.push(parsed.value)
  }
  return { value: values }
}

/** An absolute path. It is not looked at: what it names may be made later. */
export const path: OptionType<string> = {
  words: 'an absolute path',
  parse: value => (value.startsWith('/') && !value.includes('\0') ? { value } : { expected: path.words }),
  format: value => value,
}
