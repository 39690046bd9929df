import type { Store } from '../store/store.ts'
import type { Clock, VniRange } from './context.ts'
import { NeutronService } from './neutron-service.ts'
import { Replica } from './replica/replica.ts'
import { Reservations } from './replica/reservations.ts'
import { type GenerationMemory, ProcessMemory } from './replica/store-generation.ts'
import type { ServiceLog } from './service-log.ts'

export interface NeutronServiceOptions {
  store: Store
  /** This host's name: its agent's, and what `binding:host_id` says of its ports. */
  host: string
  log: ServiceLog
  /** Bytes; MTU of networks that ask for none, and the largest that may be asked for. */
  defaultMtu: number
  /** Which store this host belongs to. Default: the first that answers, for as long as the process lives. */
  memory?: GenerationMemory
  clock?: Clock
  /** In [0, 1). */
  random?: () => number
  /** VXLAN network identifiers that networks get. Default: 1 to 2^24 - 1, as Neutron's. */
  vniRange?: VniRange
  /** Neutron's `base_mac`: the first three bytes of generated MACs are its. */
  baseMac?: string
  /** Milliseconds after which a call gives up on the store. Default 10,000. */
  deadline?: number
}

/**
 * Opens the embedded Neutron. Returns at once, also while the store is away: calls wait for it, up to their deadline, and
 * then reject with NeutronError ServiceUnavailable.
 * @throws {TypeError} for a base MAC that is none
 */
export function openNeutronService(options: NeutronServiceOptions): NeutronService {
  const { store, host, log, defaultMtu, baseMac = 'fa:16:3e:00:00:00' } = options
  if (!/^[0-9a-f][02468ace](:[0-9a-f]{2}){2,5}$/i.test(baseMac)) {
    throw new TypeError(`expected a unicast MAC address like fa:16:3e:00:00:00, got ${JSON.stringify(baseMac)}`)
  }
  const reservations = new Reservations()
  return new NeutronService({
    store,
    replica: new Replica({ store, log, reservations, memory: options.memory ?? new ProcessMemory() }),
    reservations,
    log,
    host,
    clock: options.clock ?? Date,
    random: options.random ?? Math.random,
    vniRange: options.vniRange ?? { first: 1, last: 2 ** 24 - 1 },
    macPrefix: baseMac.slice(0, 8).toLowerCase(),
    defaultMtu,
    deadline: options.deadline ?? 10_000,
  })
}
