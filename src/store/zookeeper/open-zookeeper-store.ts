import type { LogFollowerLog } from '../logged/log-follower.ts'
import { LoggedStore } from '../logged/logged-store.ts'
import { ZooKeeperBackend, type ZooKeeperBackendOptions } from './zookeeper-backend.ts'

export interface ZooKeeperStoreOptions extends ZooKeeperBackendOptions {
  log: LogFollowerLog
  /** How long a call may take, in milliseconds. Default 5000. */
  timeoutMs?: number
}

/** The store in ZooKeeper. Returns at once, whether it is up or not. */
export function openZooKeeperStore({ log, timeoutMs, ...options }: ZooKeeperStoreOptions): LoggedStore {
  const backend = new ZooKeeperBackend(options)
  return new LoggedStore({ backend, log, ...(timeoutMs !== undefined && { timeoutMs }) })
}
