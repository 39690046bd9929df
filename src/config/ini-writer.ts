/**
 * One `key = value` as {@link readIni} reads it back: quoted where blanks or quotes at its ends would get lost,
 * further lines indented. Returns undefined for what the dialect cannot say: a key that is no name, or a value with
 * blank lines or with blanks around its inner lines.
 */
export function writeIniEntry(key: string, value: string): string | undefined {
  const [first = '', ...rest] = value.split('\n')
  if (/^[[#;\s]|[=:\s]/.test(key) || key === '' || value.includes('\r')) return undefined
  if (rest.some(line => line === '' || line.trim() !== line)) return undefined
  const head = `${key} = ${quotedWhereNeeded(first)}`
  return [head.trimEnd(), ...rest.map(line => `    ${line}`)].join('\n')
}

/** A value in which every `$` stands for itself, where `$name` would be the value of another option. */
export function escapeReferences(value: string): string {
  return value.replaceAll('$', '$$$$')
}

function quotedWhereNeeded(line: string): string {
  const wouldLoseQuotes = /^["']/.test(line) && line.endsWith(line[0] ?? '')
  return wouldLoseQuotes || line.trim() !== line ? `"${line}"` : line
}
