import { EngineError } from './engine-error.ts'

/** A version of the Engine API. */
export interface ApiVersion {
  major: number
  minor: number
}

/** The newest that we know: Docker 28.3 to 28.5's. */
const newestSpoken: ApiVersion = { major: 1, minor: 51 }
/** The oldest that we know: Docker 20.10's. */
const oldestSpoken: ApiVersion = { major: 1, minor: 41 }

/** Networks can be without IPv4 from here on (Docker 28). */
export const withoutIPv4: ApiVersion = { major: 1, minor: 48 }
/** Names of networks are always checked from here on, and `CheckDuplicate` is gone (Docker 25). */
export const namesAlwaysChecked: ApiVersion = { major: 1, minor: 44 }

/**
 * The version to speak with an engine that offers `offered` (its `Api-Version` header).
 * @throws {EngineError} `version` when it is older than all that we speak, `unexpected` when it is no version.
 */
export function versionToSpeak(offered: string | undefined): ApiVersion {
  const match = /^(\d{1,4})\.(\d{1,6})$/.exec(offered ?? '')
  if (match === null) {
    throw new EngineError(
      'unexpected',
      `what answers is no Docker engine: expected the header Api-Version with a version such as ${versionText(newestSpoken)}, got ${offered === undefined ? 'none' : JSON.stringify(offered.slice(0, 40))}`,
    )
  }
  const theirs = { major: Number(match[1]), minor: Number(match[2]) }
  if (!isAtLeast(theirs, oldestSpoken)) {
    throw new EngineError(
      'version',
      `the Docker engine is too old: it speaks API ${versionText(theirs)}, expected ${versionText(oldestSpoken)} or newer (Docker 20.10)`,
    )
  }
  return isAtLeast(theirs, newestSpoken) ? newestSpoken : theirs
}

export function isAtLeast(version: ApiVersion, least: ApiVersion): boolean {
  return version.major > least.major || (version.major === least.major && version.minor >= least.minor)
}

/** As it stands in paths, after the `v`. */
export function versionText({ major, minor }: ApiVersion): string {
  return `${major}.${minor}`
}
