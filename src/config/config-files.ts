import { join } from 'node:path'
import { readSections } from './sections.ts'
import type { SourceContent } from './setting.ts'
import type { ConfigWorld } from './world.ts'

/** Which files to read. */
export interface FileChoice {
  /** From `--config-file`; when there are none, the first of {@link defaultConfigFiles} that is there. */
  configFiles: readonly string[]
  /** From `--config-dir`: of each, its `*.conf` in the order of their names, after all files. */
  configDirectories: readonly string[]
}

/** Where a configuration file is looked for, the first one found being the one: the search of oslo.config. */
export function defaultConfigFiles(home: string | undefined): string[] {
  const ofUser = home === undefined || home === '' ? [] : [join(home, '.kuryr/kuryr.conf'), join(home, 'kuryr.conf')]
  return [...ofUser, '/etc/kuryr/kuryr.conf', '/etc/kuryr.conf']
}

/** Reads the files; what a later one says wins. A file that was asked for by name and cannot be read is a problem. */
export function readConfigFiles(choice: FileChoice, world: ConfigWorld): SourceContent & { files: string[] } {
  const content = { settings: [], problems: [], warnings: [], files: [] } as SourceContent & { files: string[] }
  const texts = new Map<string, string>()
  for (const directory of choice.configDirectories) readDirectory(directory, { world, content, texts })
  const ofDirectories = [...texts]
  texts.clear()
  readNamedOrDefault(choice.configFiles, { world, content, texts })
  const all = [...texts, ...ofDirectories]
  content.files = all.map(([file]) => file)
  readSections(all, content)
  return content
}

interface Reading {
  world: ConfigWorld
  content: SourceContent
  texts: Map<string, string>
}

function readNamedOrDefault(files: readonly string[], { world, content, texts }: Reading): void {
  if (files.length > 0) {
    for (const file of files) readNamed(file, { world, content, texts })
    return
  }
  for (const file of defaultConfigFiles(world.env.HOME)) {
    const read = attempt(() => world.readFile(file))
    if ('value' in read) {
      texts.set(file, read.value)
      return
    }
    if (!absent(read.error)) {
      content.problems.push({ where: file, what: `cannot be read: ${reason(read.error)}` })
      return
    }
  }
}

function readNamed(file: string, { world, content, texts }: Reading): void {
  const read = attempt(() => world.readFile(file))
  if ('value' in read) texts.set(file, read.value)
  else content.problems.push({ where: file, what: `cannot be read: ${reason(read.error)}` })
}

function readDirectory(directory: string, reading: Reading): void {
  const read = attempt(() => reading.world.listDirectory(directory))
  if ('value' in read) {
    const names = read.value.filter(name => name.endsWith('.conf') && !name.startsWith('.')).sort()
    for (const name of names) readNamed(join(directory, name), reading)
  } else {
    reading.content.problems.push({ where: directory, what: `cannot be read: ${reason(read.error)}` })
  }
}

function attempt<T>(act: () => T): { value: T } | { error: unknown } {
  try {
    return { value: act() }
  } catch (error) {
    return { error }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function absent(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}

function reason(error: unknown): string {
  const known: Record<string, string> = {
    ENOENT: 'no such file or directory',
    ENOTDIR: 'not a directory',
    EISDIR: 'it is a directory',
    EACCES: 'permission denied',
  }
  return known[String(codeOf(error))] ?? (error instanceof Error ? error.message : String(error))
}
