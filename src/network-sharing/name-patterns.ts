/** Whether the name fits one of the patterns, in which `*` stands for any text and `?` for one character. */
export function matchesOneOf(patterns: readonly string[], name: string): boolean {
  return patterns.some(pattern => expression(pattern).test(name))
}

function expression(pattern: string): RegExp {
  const source = pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, character => {
    if (character === '*') return '.*'
    return character === '?' ? '.' : `\\${character}`
  })
  return new RegExp(`^${source}$`, 's')
}
