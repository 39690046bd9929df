import type { Store } from './store.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'

/**
 * Opens the store that `url` names: `sqlite:///path`.
 * @throws {TypeError} for any other URL.
 */
export function openStore(url: string): Store {
  if (url.startsWith('sqlite:///')) return openSqliteStore({ path: decodeURIComponent(new URL(url).pathname) })
  throw new TypeError(`expected a store URL as sqlite:///path, got ${url}`)
}
