import type { Logger } from 'pino'
import type { Config } from '../config/option-table.ts'
import type { DockerEngine } from '../docker-engine/docker-engine.ts'
import type { NetworkSharing } from '../network-sharing/network-sharing.ts'
import { openNetworkSharing } from '../network-sharing/open-network-sharing.ts'
import type { SharedRecords } from '../network-sharing/shared-records.ts'
import { StoreRecords } from '../network-sharing/store-records/store-records.ts'
import { TagRecords } from '../network-sharing/tag-records/tag-records.ts'
import { openConfiguredStore } from './configured-store.ts'
import { driverName } from './driver-name.ts'
import type { Metrics } from './metrics.ts'
import type { NetworkBackend } from './network-backend.ts'

/** Milliseconds: a container's start takes seconds, at the most as long as a call of Docker may wait here. */
const PORT_PATIENCE = 120_000

export interface ConfiguredSharing {
  /** `undefined` when this host does not share. */
  sharing: NetworkSharing | undefined
  /** Why it does not share, with what to do about it; empty when it does. */
  reason: string
}

export interface SharingParts {
  engine: DockerEngine
  backend: NetworkBackend
  metrics: Metrics
  version: string
  log: Logger
}

/** Network sharing as `[sharing]` says, where the rest of the configuration lets it. */
export function openConfiguredSharing(config: Config, parts: SharingParts): ConfiguredSharing {
  const { engine, backend, metrics, version, log } = parts
  const reason = whyNot(config, backend)
  if (reason !== '') return { sharing: undefined, reason }
  const { DEFAULT, sharing: options } = config
  const records = openRecords(config, backend, { log, onUnreadable: metrics.unreadableRecord })
  const sharing = openNetworkSharing({
    engine,
    records,
    neutron: backend.neutron,
    access: backend.access,
    log,
    ready: backend.ready,
    distrust: () => backend.storeProblem(),
    onStep: metrics.sharingStep,
    options: {
      host: DEFAULT.host,
      driver: driverName(DEFAULT.kuryr_uri),
      via: DEFAULT.capability_scope === 'global' ? 'cluster' : 'replica',
      namespace: options.namespace,
      version,
      statePath: DEFAULT.state_path,
      networks: options.networks,
      hosts: options.hosts,
      interval: options.interval,
      portPatience: PORT_PATIENCE,
    },
  })
  return { sharing, reason: '' }
}

/** In a store that all hosts reach; else, where OpenStack's Neutron is what they have in common, in its tags. */
function openRecords(
  { DEFAULT, store, sharing: { namespace, poll } }: Config,
  { neutron }: NetworkBackend,
  telling: { log: Logger; onUnreadable: (key: string) => void },
): SharedRecords {
  if (!isOfOneHost(store)) {
    return new StoreRecords({ store: openConfiguredStore(store, telling.log, `-sharing/${namespace}`), ...telling })
  }
  return new TagRecords({ neutron, namespace, statePath: DEFAULT.state_path, pollInterval: poll * 1000, ...telling })
}

function isOfOneHost({ url }: Config['store']): boolean {
  return url.startsWith('sqlite:')
}

function whyNot({ DEFAULT, store, sharing }: Config, { kind }: NetworkBackend): string {
  if (!sharing.enabled) return '[sharing] enabled is false'
  if (isOfOneHost(store) && kind === 'embedded')
    return 'the store is a file of this host alone: set [store] url = etcd://…'
  if (DEFAULT.capability_scope === 'local' || sharing.announce) return ''
  return 'capability_scope is global: Docker itself shares the networks, by its cluster store'
}
