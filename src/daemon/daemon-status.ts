import type { Config } from '../config/option-table.ts'
import type { FabricStatus } from '../fabric/fabric.ts'
import type { SharingStatus } from '../network-sharing/network-sharing.ts'
import type { NetworkBackend } from './embedded-neutron.ts'
import type { LocalEndpoint } from './local-endpoint.ts'
import type { ConfiguredSharing } from './network-sharing.ts'

/** Something that is wrong: what one sees, why, and what to do about it. */
export interface Problem {
  what: string
  why: string
  todo: string
}

/** What `GET /kuryr/status` answers on the plugin's socket, and `kuryr status` prints. */
export interface DaemonStatus {
  version: string
  host: string
  /** ISO 8601. */
  since: string
  store: { url: string; state: 'connected' | 'unreachable' }
  plugin: { uri: string; calls: number }
  neutron: { kind: 'embedded'; bind: string | null }
  fabric: { localAddress: string | null; networks: FabricStatus['networks']; problems: string[] }
  /** How networks are shared; null where this host does not share, and then `reason` says why. */
  sharing: SharingStatus | null
  sharingReason: string
  problems: Problem[]
}

export interface StatusSources {
  config: Config
  version: string
  since: Date
  backend: Pick<NetworkBackend, 'probeStore' | 'storeProblem' | 'fabricStatus'>
  endpoint: LocalEndpoint
  sharing: ConfiguredSharing
  /** Number of Docker's calls answered so far. */
  calls: () => number
  /** Why the host's network is not ready: `undefined` when it is. */
  notReady: () => string | undefined
}

/** Milliseconds in which the store must answer to count as connected. */
const PROBE_TIME = 2000

/** Looks at every part now. */
export async function daemonStatus(sources: StatusSources): Promise<DaemonStatus> {
  const { config, version, since, backend, calls } = sources
  const storeError = await backend.probeStore(AbortSignal.timeout(PROBE_TIME)).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const fabric = backend.fabricStatus()
  return {
    version,
    host: config.DEFAULT.host,
    since: since.toISOString(),
    store: { url: config.store.url, state: stateOf(backend, storeError) },
    plugin: { uri: config.DEFAULT.kuryr_uri, calls: calls() },
    neutron: { kind: 'embedded', bind: config.neutron_service.bind ?? null },
    fabric: { localAddress: fabric.localAddress ?? null, networks: fabric.networks, problems: fabric.problems },
    sharing: sources.sharing.sharing?.status() ?? null,
    sharingReason: sources.sharing.reason,
    problems: [...problemsOf(sources, storeError), ...sharingProblems(sources, storeError)],
  }
}

function stateOf(
  { storeProblem }: StatusSources['backend'],
  storeError: string | undefined,
): 'connected' | 'unreachable' {
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
