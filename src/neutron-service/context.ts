import type { Store } from '../store/store.ts'
import type { Replica } from './replica/replica.ts'
import type { Reservations } from './replica/reservations.ts'
import type { ServiceLog } from './service-log.ts'

/** What every rule of the service works with. */
export interface ServiceContext {
  store: Store
  replica: Replica
  reservations: Reservations
  log: ServiceLog
  host: string
  clock: Clock
  /** In [0, 1). */
  random: () => number
  vniRange: VniRange
  /** The first three bytes of generated MAC addresses, `fa:16:3e`. */
  macPrefix: string
  /** Bytes; MTU of new networks, and the most that may be asked for. */
  defaultMtu: number
  /** Milliseconds after which a call gives up on the store. */
  deadline: number
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

/** VXLAN network identifiers that may be given out, both inclusive. */
export interface VniRange {
  first: number
  last: number
}

/** The present time as Neutron writes it: UTC, whole seconds. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
}
