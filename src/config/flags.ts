import { didYouMean } from './nearest-name.ts'
import type { NamedOption } from './option-table.ts'
import { allOptions, findByAlias, findOption, isSection } from './option-table.ts'
import { shown, unknownOption } from './sections.ts'
import type { SourceContent } from './setting.ts'

/** What the command line says about the configuration. */
export interface ConfigFlags {
  /** `--config-file`, each. */
  configFile?: readonly string[]
  /** `--config-dir`, each. */
  configDir?: readonly string[]
  /** `--set section.option=value`, each. */
  set?: readonly string[]
  /** `--debug`: the same as `--set DEFAULT.debug=true`, and stronger. */
  debug?: boolean
}

/** Reads the flags that set options. */
export function readFlags(flags: ConfigFlags): SourceContent {
  const content: SourceContent = { settings: [], problems: [], warnings: [] }
  for (const assignment of flags.set ?? []) readAssignment(assignment, content)
  const debug = findOption('DEFAULT', 'debug')
  if (flags.debug === true && debug) {
    content.settings.push({ named: debug, text: 'true', origin: { kind: 'flag', flag: '--debug' } })
  }
  return content
}

function readAssignment(assignment: string, content: SourceContent): void {
  const [, name, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? []
  if (name === undefined || text === undefined) {
    // Not shown whole: what was meant as a value may be a secret.
    content.problems.push({ where: '--set', what: `expected section.option=value, got no "=" or no name before it` })
    return
  }
  const flag = `--set ${shown(name)}`
  const found = resolveName(name)
  if (typeof found === 'string') content.problems.push({ where: flag, what: found })
  else content.settings.push({ named: found, text, origin: { kind: 'flag', flag } })
}

/** The option that `section.option` names (`[DEFAULT]` when there is no section), or what is wrong with the name. */
function resolveName(name: string): NamedOption | string {
  const dot = name.indexOf('.')
  const section = dot < 0 ? 'DEFAULT' : name.slice(0, dot)
  const option = name.slice(dot + 1)
  if (isSection(section)) {
    return findOption(section, option) ?? findByAlias(section, option) ?? unknownOption(section, option)
  }
  const known = allOptions.map(named => `${named.section}.${named.name}`)
  return `unknown section [${shown(section)}]${didYouMean(name, known)}`
}
