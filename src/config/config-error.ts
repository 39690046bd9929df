/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** Where it was said: `/etc/kuryr/kuryr.conf:7`, `environment variable OS_STORE__URL`, `--set store.url`. */
  where: string
  /** What was expected, what came, what to do. Never holds a secret. */
  what: string
}

/** The configuration cannot be used. Tells of every problem at once, not only of the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ where, what }) => `${where}: ${what}`).join('\n'))
    this.problems = problems
  }
}
