import type { Config } from '../config/option-table.ts'
import type { EngineInfo } from '../docker-engine/docker-engine.ts'
import type { FabricStatus } from '../fabric/fabric.ts'
import type { SharingStatus } from '../network-sharing/network-sharing.ts'
import type { PortOutcomes } from '../port-access/port-outcomes.ts'
import { engineProblems } from './engine-problems.ts'
import type { LocalEndpoint } from './local-endpoint.ts'
import type { NetworkBackend } from './network-backend.ts'
import type { ConfiguredSharing } from './network-sharing.ts'

/** Something that is wrong: what one sees, why, and what to do about it. */
export interface Problem {
  what: string
  why: string
  todo: string
}

type ConnectionState = 'connected' | 'unreachable'

/** What `GET /kuryr/status` answers on the plugin's socket, and `kuryr status` prints. */
export interface DaemonStatus {
  version: string
  host: string
  /** ISO 8601. */
  since: string
  /** `null` where OpenStack holds the networks. */
  store: { url: string; state: ConnectionState } | null
  plugin: { uri: string; calls: number }
  neutron: { kind: 'embedded'; bind: string | null } | { kind: 'openstack'; state: ConnectionState }
  fabric: { localAddress: string | null; networks: FabricStatus['networks']; problems: string[] }
  /** How networks are shared; null where this host does not share, and then `reason` says why. */
  sharing: SharingStatus | null
  sharingReason: string
  /** `ignored`: how many containers that started since `since` ask for ports (`-p`) on networks that publish none. */
  ports: { ignored: number }
  problems: Problem[]
}

export interface StatusSources {
  config: Config
  version: string
  since: Date
  backend: Pick<NetworkBackend, 'kind' | 'probeStore' | 'storeProblem' | 'fabricStatus'>
  endpoint: LocalEndpoint
  sharing: ConfiguredSharing
  /** Who the host's Docker is. */
  askEngine: () => Promise<EngineInfo>
  portOutcomes: Pick<PortOutcomes, 'ignored'>
  /** Number of Docker's calls answered so far. */
  calls: () => number
  /** Why the host's network is not ready: `undefined` when it is. */
  notReady: () => string | undefined
}

/** Milliseconds in which the store, or Keystone and Neutron, must answer to count as connected. */
const PROBE_TIME = { embedded: 2000, openstack: 4000 }

/** Looks at every part now. */
export async function daemonStatus(sources: StatusSources): Promise<DaemonStatus> {
  const { config, version, since, backend, calls } = sources
  const storeError = await backend.probeStore(AbortSignal.timeout(PROBE_TIME[backend.kind])).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const fabric = backend.fabricStatus()
  return {
    version,
    host: config.DEFAULT.host,
    since: since.toISOString(),
    ...servicesOf(sources, stateOf(backend, storeError)),
    plugin: { uri: config.DEFAULT.kuryr_uri, calls: calls() },
    fabric: { localAddress: fabric.localAddress ?? null, networks: fabric.networks, problems: fabric.problems },
    sharing: sources.sharing.sharing?.status() ?? null,
    sharingReason: sources.sharing.reason,
    ports: { ignored: sources.portOutcomes.ignored },
    problems: [
      ...problemsOf(sources, storeError),
      ...sharingProblems(sources, storeError),
      ...(await engineProblems(config, sources.askEngine)),
    ],
  }
}

function servicesOf(
  { config, backend }: StatusSources,
  state: ConnectionState,
): Pick<DaemonStatus, 'store' | 'neutron'> {
  if (backend.kind === 'openstack') return { store: null, neutron: { kind: 'openstack', state } }
  const bind = config.neutron_service.bind ?? null
  return { store: { url: config.store.url, state }, neutron: { kind: 'embedded', bind } }
}

function stateOf({ storeProblem }: StatusSources['backend'], storeError: string | undefined): ConnectionState {
  // A wrong store does answer.
  return storeError === undefined || storeProblem() !== undefined ? 'connected' : 'unreachable'
}

function problemsOf({ config, backend, endpoint, notReady }: StatusSources, storeError: string | undefined): Problem[] {
  const problems: Problem[] = []
  const wrongStore = backend.storeProblem()
  if (wrongStore !== undefined) {
    problems.push({
      what: 'networks and containers cannot be created or removed (running containers are not affected)',
      why: wrongStore,
      todo: 'do one of these two on each host; the daemon goes on by itself when the data are back',
    })
  } else if (storeError !== undefined && backend.kind === 'openstack') {
    problems.push({
      what: 'networks and containers cannot be created or removed (running containers are not affected)',
      why: `OpenStack does not answer: ${storeError}`,
      todo: 'check Keystone and Neutron, and [neutron] in kuryr.conf; the daemon goes on by itself when they answer',
    })
  } else if (storeError !== undefined) {
    problems.push({
      what: 'networks and containers cannot be created or removed (running containers are not affected)',
      why: `the store ${config.store.url} does not answer: ${storeError}`,
      todo: 'start it, or check the way to it; the daemon goes on by itself when it is back',
    })
  }
  const why = notReady()
  if (why !== undefined && storeError === undefined) {
    problems.push({ what: 'containers cannot be started yet', why, todo: 'if it stays so, see the log' })
  }
  if (endpoint.problem !== undefined) {
    problems.push({
      what: 'containers on other hosts cannot be reached',
      why: endpoint.problem,
      todo: 'set [fabric] local_ip in kuryr.conf and restart the daemon',
    })
  }
  return problems
}

/** What keeps networks from being on every host. Of a store that is away the other problems tell. */
function sharingProblems({ config, sharing }: StatusSources, storeError: string | undefined): Problem[] {
  const status = sharing.sharing?.status()
  if (!status || storeError !== undefined) return []
  const held = {
    what: 'networks are not shared with other hosts at this moment',
    why: status.held ?? '',
    todo: `it goes on by itself; if it stays so, check [sharing] docker_host (${config.sharing.docker_host}) and the log`,
  }
  const unreadable = Object.entries(status.unreadable).map(([key, why]) => ({
    what: `the shared record ${key} is skipped`,
    why,
    todo: 'another program or another release of kuryr wrote it: remove it from the store, or upgrade this host',
  }))
  const networks = status.problems.map(({ sharedId, why, todo }) => ({
    what: `the shared network ${sharedId.slice(0, 12)} is not as it should be on this host`,
    why,
    todo,
  }))
  return [...(status.held === null ? [] : [held]), ...unreadable, ...networks]
}
