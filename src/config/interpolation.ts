/** The value of a referenced option, or why there is none. */
export type Reference = { value: string } | { problem: string }

/**
 * Replaces `$option`, `${option}`, `$section.option` and `${section.option}` by the values of those options, as
 * oslo.config does; `$$` and `\$` stand for a dollar sign, and a `$` before anything else for itself.
 *
 * @param lookUp the value of the option of that name; its problem, if it has one, is what comes back.
 */
export function interpolate(text: string, lookUp: (name: string) => Reference): Reference {
  let problem: string | undefined
  const value = text.replaceAll(referencePattern, (_all, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare
    if (name === undefined) return '$'
    const found = lookUp(name)
    if ('value' in found) return found.value
    problem ??= found.problem
    return ''
  })
  return problem === undefined ? { value } : { problem }
}

const referencePattern = /\$\$|\\\$|\$\{([_a-z][._a-z0-9]*)\}|\$([_a-z][._a-z0-9]*)/gi

/** What to do about a `$` that was meant as itself, for messages. */
export const escapedName = 'write $$ for a dollar sign itself'
