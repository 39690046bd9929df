import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { namespaceName } from './lab-record.ts'

const place = '/run/netns'

/** The names of a lab's network namespaces. */
export function labNamespaces(id: string): string[] {
  return existsSync(place) ? readdirSync(place).filter(name => name.startsWith(namespaceName(id, ''))) : []
}

/** What the kernel calls them in /proc/PID/ns/net, see namespaces(7). */
export function labNamespaceLinks(id: string): Set<string> {
  return new Set(labNamespaces(id).map(name => `net:[${statSync(path.join(place, name)).ino}]`))
}
