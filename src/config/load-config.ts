import { crossCheck } from './cross-check.ts'
import type { ConfigProblem } from './config-error.ts'
import { ConfigError } from './config-error.ts'
import { readConfigFiles } from './config-files.ts'
import { readEnvironment } from './environment.ts'
import type { ConfigFlags } from './flags.ts'
import { readFlags } from './flags.ts'
import type { Config } from './option-table.ts'
import { allOptions } from './option-table.ts'
import { fullName, Resolution } from './resolve.ts'
import type { ConfigOrigins, Origin, Setting } from './setting.ts'
import { describeOrigin } from './setting.ts'
import type { ConfigWorld } from './world.ts'
import { thisMachine } from './world.ts'

/** A configuration that can be used. */
export interface LoadedConfig {
  config: Config
  origins: ConfigOrigins
  /** What is odd, in words with its place: for the log at start. */
  warnings: string[]
  /** Options that were set and change nothing, `[section] name` each: for one debug line at start. */
  withoutEffect: string[]
  /** The files that were read, in rising order of precedence. */
  files: string[]
}

/**
 * Reads the configuration: flags win over the environment, that over the files, those over the defaults. No file at
 * all is fine: every option has a default or may be without a value.
 *
 * @throws {ConfigError} with everything that is wrong, and nothing else for any text of any source.
 */
export function loadConfig(flags: ConfigFlags = {}, world: ConfigWorld = thisMachine()): LoadedConfig {
  const files = readConfigFiles(
    { configFiles: flags.configFile ?? [], configDirectories: flags.configDir ?? [] },
    world,
  )
  const sources = [files, readEnvironment(world.env), readFlags(flags)]
  const given = new Map<string, Setting>()
  for (const setting of sources.flatMap(source => source.settings)) given.set(fullName(setting.named), setting)
  const { config, origins, problems } = resolveAll(given, world)
  const allProblems = [...sources.flatMap(source => source.problems), ...problems]
  const checked = allProblems.length === 0 ? crossCheck(config, origins) : { problems: allProblems, warnings: [] }
  if (checked.problems.length > 0) throw new ConfigError(checked.problems)
  const warnings = [...sources.flatMap(source => source.warnings), ...checked.warnings]
  return {
    config,
    origins,
    warnings: warnings.map(({ where, what }) => `${where}: ${what}`),
    withoutEffect: [...given.values()].flatMap(({ named }) =>
      named.option.withoutEffect === undefined ? [] : [`[${named.section}] ${named.name}`],
    ),
    files: files.files,
  }
}

function resolveAll(
  given: ReadonlyMap<string, Setting>,
  world: ConfigWorld,
): { config: Config; origins: ConfigOrigins; problems: ConfigProblem[] } {
  const resolution = new Resolution(given, world)
  const values: Record<string, Record<string, unknown>> = {}
  const origins: Record<string, Record<string, Origin>> = {}
  const problems: ConfigProblem[] = []
  for (const named of allOptions) {
    const { section, name } = named
    const origin: Origin = given.get(fullName(named))?.origin ?? { kind: 'default' }
    const resolved = resolution.valueOf(named)
    if ('problem' in resolved)
      problems.push({ where: describeOrigin(origin), what: `[${section}] ${resolved.problem}` })
    ;(values[section] ??= {})[name] = 'value' in resolved ? resolved.value : undefined
    ;(origins[section] ??= {})[name] = origin
  }
  // The types of values and sections follow from the same table that was walked here.
  return { config: values as unknown as Config, origins: origins as unknown as ConfigOrigins, problems }
}
