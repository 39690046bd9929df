/** A received value as it may stand in an error message: text in quotes, shortened; lists and objects only by their kind. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.slice(0, 80)).replace(unprintable, escaped) + (value.length > 80 ? '…' : '')
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value)
}

/** What sort of value this is, for values that must not be shown: `a string`, `an array`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Text of at most `length` characters with its control characters (and those that turn the writing direction) escaped. */
export function shortened(text: string, length: number): string {
  const cut = text.length > length ? `${text.slice(0, length - 1)}…` : text
  return cut.replace(unprintable, escaped)
}

// Control characters, line separators, direction marks and lone surrogates.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
