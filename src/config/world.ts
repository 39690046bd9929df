import { readFileSync, readdirSync } from 'node:fs'
import { hostname } from 'node:os'

/** What of the machine the configuration may look at. */
export interface ConfigWorld {
  env: Readonly<Record<string, string | undefined>>
  hostname: string
  /** The text of a file; throws as `node:fs` does. */
  readFile(path: string): string
  /** The names in a directory; throws as `node:fs` does. */
  listDirectory(path: string): string[]
}

/** This process's machine. */
export function thisMachine(): ConfigWorld {
  return {
    env: process.env,
    hostname: hostname(),
    readFile: path => readFileSync(path, 'utf8'),
    listDirectory: path => readdirSync(path),
  }
}
