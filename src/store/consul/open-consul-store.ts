import type { LogFollowerLog } from '../logged/log-follower.ts'
import { LoggedStore } from '../logged/logged-store.ts'
import { ConsulBackend, type ConsulBackendOptions } from './consul-backend.ts'

export interface ConsulStoreOptions extends Omit<ConsulBackendOptions, 'timeoutMs'> {
  log: LogFollowerLog
  /** How long a call may take, in milliseconds. Default 5000. */
  timeoutMs?: number
}

/** The store in Consul. Returns at once, whether it is up or not. A lease lives 10 seconds at least. */
export function openConsulStore({ log, timeoutMs = 5000, ...options }: ConsulStoreOptions): LoggedStore {
  return new LoggedStore({ backend: new ConsulBackend({ ...options, timeoutMs }), log, timeoutMs })
}
