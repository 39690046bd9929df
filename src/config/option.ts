/** What a value's text came to: the typed value, or in words what was expected instead. */
export type Parsed<T> = { value: T } | { expected: string }

/** How the text of a value becomes a typed one, and how it is written again. */
export interface OptionType<T> {
  /** For documentation: `a whole number from 1 to 65535`. */
  readonly words: string
  /** All possible texts, where they are few: for completion and documentation. */
  readonly choices?: readonly string[]
  parse(text: string): Parsed<T>
  /** The text that {@link OptionType.parse} reads as `value`. */
  format(value: T): string
}

/** A default that only the machine knows. */
export interface ComputedDefault {
  /** For documentation: `the name of this host`. */
  readonly words: string
  from(machine: Machine): string
}

/** What a computed default may ask. */
export interface Machine {
  hostname: string
}

/**
 * One option, declared once: type, validation, documentation, sample file and completion all follow from here.
 * Its name and its section are its place in the option table.
 */
export interface Option<T> {
  readonly type: OptionType<T>
  /** Text as in a file, references to other options included; undefined when the option has no value by default. */
  readonly default: string | ComputedDefault | undefined
  /** Markdown. */
  readonly help: string
  /** Whose option: of Python Kuryr (its libraries included), with its name and meaning, or of this project. */
  readonly origin: 'upstream' | 'kuryr'
  /** Its value is never shown. */
  readonly secret: boolean
  /** Older names of it, accepted with a warning. */
  readonly aliases: readonly string[]
  /** Environment variables besides `OS_<SECTION>__<OPTION>`, which wins over them. */
  readonly environment: readonly string[]
  /** Why the option is accepted and then not used, where that is so. */
  readonly withoutEffect: string | undefined
}

/** What a declaration may say besides type, default and help. */
export interface OptionDetails {
  /** Only for an option that can be set to nothing: what it is when it is not set at all. */
  default?: string
  upstream?: boolean
  secret?: boolean
  aliases?: readonly string[]
  environment?: readonly string[]
  withoutEffect?: string
}

/** Declares an option that always has a value. */
export function option<T>(
  type: OptionType<T>,
  defaultValue: string | ComputedDefault,
  help: string,
  details: OptionDetails = {},
): Option<T> {
  return declare(type, defaultValue, help, details)
}

/** Declares an option that has no value unless it is set; set to nothing (`option =`) it has none either. */
export function optional<T>(type: OptionType<T>, help: string, details: OptionDetails = {}): Option<T | undefined> {
  const orNothing: OptionType<T | undefined> = {
    ...type,
    parse: text => (text === '' ? { value: undefined } : type.parse(text)),
    format: value => (value === undefined ? '' : type.format(value)),
  }
  return declare(orNothing, details.default, help, details)
}

function declare<T>(
  type: OptionType<T>,
  defaultValue: Option<T>['default'],
  help: string,
  details: OptionDetails,
): Option<T> {
  return {
    type,
    default: defaultValue,
    help,
    origin: details.upstream === true ? 'upstream' : 'kuryr',
    secret: details.secret ?? false,
    aliases: details.aliases ?? [],
    environment: details.environment ?? [],
    withoutEffect: details.withoutEffect,
  }
}
