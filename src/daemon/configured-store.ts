import type { Logger } from 'pino'
import type { Config } from '../config/option-table.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'

/**
 * `[store]` as the store takes it; `prefix` counts where the URL has no path of its own.
 *
 * @param space appended to the prefix: a key space beside that of the embedded Neutron, such as `-sharing/blue`.
 */
export function openConfiguredStore(options: Config['store'], log: Logger, space = ''): Store {
  const { ca_file, cert_file, key_file, username, password, token } = options
  const bare = /^[a-z]+:\/\/[^/]+\/?$/.test(options.url)
  const url = bare ? `${options.url.replace(/\/$/, '')}${options.prefix}` : options.url.replace(/\/$/, '')
  const tls = {
    ...(ca_file !== undefined && { caFile: ca_file }),
    ...(cert_file !== undefined && { certFile: cert_file }),
    ...(key_file !== undefined && { keyFile: key_file }),
  }
  return openStore(`${url}${space}`, {
    log,
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(token !== undefined && { token }),
  })
}
