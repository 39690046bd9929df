import path from 'node:path'
import { labDirectory } from '../remains/lab-record.ts'
import type { Machine } from '../hosts/wire.ts'
import { ConsulServer } from './consul.ts'
import type { StoreServer } from './store-server.ts'
import { ZooKeeperServer } from './zookeeper.ts'

/** What the kuryrs of a lab can have as their store. */
export type StoreKind = 'etcd' | 'consul' | 'zookeeper'

/** The store of that kind, not started yet; `undefined` for etcd, which every lab has. */
export function storeOfKind(kind: StoreKind, labId: string, machine: Machine): StoreServer | undefined {
  if (kind === 'etcd') return undefined
  const plan = {
    labId,
    machine: machine.name,
    address: machine.address,
    directory: path.join(labDirectory(labId), kind),
  }
  return kind === 'consul' ? new ConsulServer(plan) : new ZooKeeperServer(plan)
}
