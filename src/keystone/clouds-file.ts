import { join } from 'node:path'
import { parse } from 'yaml'
import { OpenStackError } from './openstack-error.ts'

/** What of the machine a cloud's settings are read from. */
export interface CloudWorld {
  env: Readonly<Record<string, string | undefined>>
  workingDirectory: string
  homeDirectory: string
  /** The text of a file; throws as `node:fs` does. */
  readFile(path: string): string
}

/** A mapping of a YAML file. */
export type Mapping = Readonly<Record<string, unknown>>

/**
 * The entry of a cloud in `clouds.yaml`, over its profile in `clouds-public.yaml` and under `secure.yaml`, found where
 * openstacksdk looks: the file that OS_CLIENT_CONFIG_FILE (OS_CLIENT_SECURE_FILE, OS_CLIENT_VENDOR_FILE) names, else the
 * working directory, `~/.config/openstack`, `/etc/openstack`; the first file found counts.
 *
 * @throws {OpenStackError} `misconfigured` when there is no such cloud, or a file is no YAML mapping
 */
export function cloudFromFiles(name: string, world: CloudWorld): Mapping {
  const file = firstFile('clouds', world.env.OS_CLIENT_CONFIG_FILE, world)
  const open = entryOf(file, 'clouds', name)
  const secret = entryOf(firstFile('secure', world.env.OS_CLIENT_SECURE_FILE, world), 'clouds', name)
  if (open === undefined && secret === undefined) {
    const known = Object.keys(mapping(file?.content.clouds)).join(', ')
    const where = file === undefined ? `no clouds.yaml in ${searchPath(world).join(', ')}` : `${file.path} has ${known}`
    throw new OpenStackError('misconfigured', `cloud ${name}: expected an entry of that name, but ${where}`)
  }
  const profile = { ...open, ...secret }.profile ?? open?.cloud
  const vendor = typeof profile === 'string' ? vendorEntry(profile, world) : {}
  return merged(merged(vendor, open ?? {}), secret ?? {})
}

function vendorEntry(profile: string, world: CloudWorld): Mapping {
  return entryOf(firstFile('clouds-public', world.env.OS_CLIENT_VENDOR_FILE, world), 'public-clouds', profile) ?? {}
}

interface FoundFile {
  path: string
  content: Mapping
}

function firstFile(stem: string, named: string | undefined, world: CloudWorld): FoundFile | undefined {
  const places = searchPath(world).flatMap(directory =>
    ['yaml', 'yml', 'json'].map(extension => join(directory, `${stem}.${extension}`)),
  )
  for (const path of [...(named ? [named] : []), ...places]) {
    const text = textOf(path, world)
    if (text !== undefined) return { path, content: parsed(path, text) }
  }
  return undefined
}

function searchPath({ env, workingDirectory, homeDirectory }: CloudWorld): string[] {
  const configuration = env.XDG_CONFIG_HOME ?? join(homeDirectory, '.config')
  const unix = join(homeDirectory, '.config', 'openstack')
  return [...new Set([workingDirectory, join(configuration, 'openstack'), unix, '/etc/openstack'])]
}

function textOf(path: string, world: CloudWorld): string | undefined {
  try {
    return world.readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new OpenStackError('misconfigured', `cannot read ${path}: ${code ?? String(error)}`, { cause: error })
  }
}

function parsed(path: string, text: string): Mapping {
  let content: unknown
  try {
    content = parse(text, { logLevel: 'error' })
  } catch (error) {
    // The message of the parser shows lines of the file, which may hold a password: it is kept back.
    const at = (error as { linePos?: [{ line: number }] }).linePos?.[0].line
    throw new OpenStackError('misconfigured', `${path}: expected YAML, but it is not${at ? `, at line ${at}` : ''}`)
  }
  if (content === null || content === undefined) return {}
  if (isMapping(content)) return content
  throw new OpenStackError('misconfigured', `${path}: expected a YAML mapping`)
}

function entryOf(file: FoundFile | undefined, list: string, name: string): Mapping | undefined {
  const clouds = mapping(file?.content[list])
  return Object.hasOwn(clouds, name) ? mapping(clouds[name]) : undefined
}

function merged(under: Mapping, over: Mapping): Mapping {
  const result: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(under, key) ? under[key] : undefined
    result[key] = isMapping(below) && isMapping(value) ? merged(below, value) : value
  }
  return result
}

/** `value`, if it is a mapping; else an empty one. */
export function mapping(value: unknown): Mapping {
  return isMapping(value) ? value : {}
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
