import { didYouMean } from './nearest-name.ts'
import { allOptions, findOption, optionTable } from './option-table.ts'
import type { NamedOption } from './option-table.ts'
import type { SourceContent } from './setting.ts'

/** The variable that sets an option, as oslo.config names it: `OS_STORE__URL`. */
export function variableOf({ section, name }: Pick<NamedOption, 'section' | 'name'>): string {
  return `OS_${section.toUpperCase()}__${name.toUpperCase()}`
}

/**
 * Reads the environment: `OS_<SECTION>__<OPTION>`, and under it the variables of upstream (`OS_KURYR_URI`,
 * `CAPABILITY_SCOPE`), which count as not set when they are empty, as a container's environment often has them. A
 * variable of that form with an unknown option is a warning only, for the environment belongs to other programs too.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): SourceContent {
  const content: SourceContent = { settings: [], problems: [], warnings: [] }
  for (const named of allOptions) {
    for (const variable of named.option.environment) {
      const text = env[variable]
      if (text) content.settings.push({ named, text, origin: { kind: 'environment', variable } })
    }
    const variable = variableOf(named)
    const text = env[variable]
    if (text !== undefined) content.settings.push({ named, text, origin: { kind: 'environment', variable } })
  }
  for (const variable of Object.keys(env)) {
    const what = unknownVariable(variable)
    if (what !== undefined) content.warnings.push({ where: `environment variable ${variable}`, what })
  }
  return content
}

function unknownVariable(variable: string): string | undefined {
  for (const section of Object.keys(optionTable) as (keyof typeof optionTable)[]) {
    const prefix = variableOf({ section, name: '' })
    if (!variable.startsWith(prefix)) continue
    const name = variable.slice(prefix.length).toLowerCase()
    if (findOption(section, name) && variable === variable.toUpperCase()) return undefined
    const known = Object.keys(optionTable[section].options).map(option => variableOf({ section, name: option }))
    return `names no option of [${section}]: ignored${didYouMean(variable, known)}`
  }
  return undefined
}
