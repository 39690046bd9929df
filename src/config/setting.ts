import type { ConfigProblem } from './config-error.ts'
import type { Config, NamedOption } from './option-table.ts'

/** Where the value of an option came from. */
export type Origin =
  | { kind: 'default' }
  | { kind: 'file'; path: string; line: number }
  | { kind: 'environment'; variable: string }
  | { kind: 'flag'; flag: string }

/** Where each value came from, in the shape of {@link Config}. */
export type ConfigOrigins = { readonly [Section in keyof Config]: Readonly<Record<keyof Config[Section], Origin>> }

/** A value that somebody gave to an option, before references are filled in and its type is looked at. */
export interface Setting {
  readonly named: NamedOption
  readonly text: string
  readonly origin: Origin
}

/** What one kind of source holds, in rising order of precedence, and what is wrong or odd there. */
export interface SourceContent {
  settings: Setting[]
  problems: ConfigProblem[]
  warnings: ConfigProblem[]
}

/** The origin in words: `/etc/kuryr/kuryr.conf:7`, `environment variable CAPABILITY_SCOPE`, `--debug`, `default`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default'
    case 'file':
      return `${origin.path}:${origin.line}`
    case 'environment':
      return `environment variable ${origin.variable}`
    case 'flag':
      return origin.flag
  }
}
