import { dirname, basename } from 'node:path'
import type { ConfigWorld } from '../world.ts'

/** A machine made of what the test says: files by path, an environment, the name `node1`. */
export function machineWith({
  files = {},
  env = {},
}: {
  files?: Readonly<Record<string, string>>
  env?: Readonly<Record<string, string>>
}): ConfigWorld {
  return {
    env,
    hostname: 'node1',
    readFile(path) {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
      return text
    },
    listDirectory(path) {
      const names = Object.keys(files).filter(file => dirname(file) === path)
      if (names.length === 0) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
      return names.map(file => basename(file)).reverse()
    },
  }
}
