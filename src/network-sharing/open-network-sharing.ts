import type { Logger } from 'pino'
import { raceAgainst } from '../concurrency/race-against.ts'
import type { AccessServices } from '../neutron/access.ts'
import type { Neutron } from '../neutron/neutron.ts'
import { mayBeShared } from '../ownership/driver-options.ts'
import { shareIpamDriver } from './drivers/shared-ipam-driver.ts'
import { shareNetworkDriver } from './drivers/shared-network-driver.ts'
import { InTheMaking } from './in-the-making.ts'
import { listHosts, listNetworks } from './list-networks.ts'
import { LocalNetworks, type SharingEngine } from './local-networks.ts'
import { Memberships } from './memberships.ts'
import { matchesOneOf } from './name-patterns.ts'
import type { NetworkSharing, SharingStatus } from './network-sharing.ts'
import { sharedIdOf } from './network-spec.ts'
import { Reconciler } from './reconciler.ts'
import { removeHost } from './remove-host.ts'
import type { Member } from './shared-network.ts'
import type { SharedRecords } from './shared-records.ts'
import type { SharingContext } from './sharing-context.ts'
import { StalePorts } from './stale-ports.ts'

export interface SharingParts {
  engine: SharingEngine
  records: SharedRecords
  neutron: Neutron
  access: AccessServices | undefined
  log: Logger
  /** Resolves when the network service of this host is ready. */
  ready: Promise<void>
  /** Why the network service is not to be trusted at this moment. */
  distrust: () => string | undefined
  onStep: (step: string) => void
  options: SharingOptions
}

export interface SharingOptions {
  host: string
  /** The name of our driver in Docker. */
  driver: string
  via: Member['via']
  namespace: string
  version: string
  statePath: string
  /** Patterns of the names of networks that are shared. */
  networks: readonly string[]
  /** Patterns of the hosts whose networks are taken. */
  hosts: readonly string[]
  /** Seconds between full comparisons. */
  interval: number
  /** Milliseconds for which the engine must not know a port's endpoint before the port is let go. */
  portPatience: number
}

/** Starts to share, behind the scenes: the engine and the records may come later. */
export function openNetworkSharing(parts: SharingParts): NetworkSharing {
  const stop = new AbortController()
  const { options, engine, records, neutron, access } = parts
  const log = parts.log.child({ part: 'network-sharing' })
  const memberships = new Memberships(options.statePath)
  const locals = new LocalNetworks({ engine, driver: options.driver, log, signal: stop.signal })
  const inTheMaking = new InTheMaking()
  const expulsion = { expelled: false }
  const context: SharingContext = {
    ...{ host: options.host, driver: options.driver, via: options.via, signal: stop.signal },
    ...{ engine, neutron, access, records, locals, memberships, log },
    expelled: () => expulsion.expelled,
  }
  let notReady: string | undefined = 'the host’s network is not ready yet'
  const reconciler = new Reconciler({
    context,
    ...rulesOf(options),
    inTheMaking,
    stalePorts: new StalePorts(context, options.portPatience),
    held: () => notReady ?? parts.distrust(),
    interval: options.interval * 1000,
    onStep: parts.onStep,
  })
  locals.subscribe(change => {
    if (change.type === 'everything') recall(context)
  })
  const starting = begin(context, { parts, expulsion })
    .then(async () => {
      notReady = undefined
      reconciler.askAll()
      if (expulsion.expelled) await welcomeBack(context, reconciler)
    })
    .catch((error: unknown) => {
      if (!stop.signal.aborted) log.error({ err: error }, 'networks are not shared: the host’s network is not ready')
    })
  const sharing = { via: options.via, memberships, records, neutron, inTheMaking, recalled: locals.ready }
  return {
    networkDriver: driver => shareNetworkDriver(driver, sharing),
    ipamDriver: driver => shareIpamDriver(driver, sharing),
    status: () => statusOf(context, { options, reconciler, held: notReady ?? parts.distrust() }),
    networks: () => listNetworks(records.view, neutron, AbortSignal.timeout(10_000)),
    hosts: () => listHosts(records.view),
    removeHost: (host, how) => removeHost(context, host, how),
    async close() {
      stop.abort()
      await Promise.all([starting, reconciler.close(), locals.closed])
      await records.close()
    },
  }
}

/** Registers the host when both the engine and the records are there, and tells whether it had been told to be gone. */
async function begin(
  { locals, records, signal, host }: SharingContext,
  { parts, expulsion }: { parts: SharingParts; expulsion: { expelled: boolean } },
): Promise<void> {
  await raceAgainst(signal, Promise.all([parts.ready, locals.ready, records.ready(signal)]))
  const known = records.view.hosts().find(record => record.host === host)
  expulsion.expelled = known?.removed !== undefined
  await records.register({
    version: 1,
    host,
    engineId: locals.engine?.id ?? '',
    engineVersion: locals.engine?.version ?? '',
    kuryrVersion: parts.options.version,
    since: new Date().toISOString(),
    ...(known?.removed !== undefined && { removed: known.removed }),
  })
}

/** A host that was told to be gone for good is one of all again once nothing is left here of what was removed meanwhile. */
async function welcomeBack({ records, host }: SharingContext, reconciler: Reconciler): Promise<void> {
  await reconciler.settled()
  const record = records.view.hosts().find(known => known.host === host)
  if (!record) return
  const { removed: _removed, ...present } = record
  await records.putHost(present)
}

/** What was forgotten, or never written, is told by the networks themselves. */
function recall({ locals, memberships }: SharingContext): void {
  for (const network of locals.all()) {
    const id = sharedIdOf(network)
    if (id !== network.Id) memberships.addNetwork(network.Id, id)
  }
}

function rulesOf({
  networks,
  hosts,
}: SharingOptions): Pick<ConstructorParameters<typeof Reconciler>[0], 'offers' | 'accepts'> {
  return {
    offers: ({ Name, Scope, Options }) => Scope !== 'swarm' && mayBeShared(Options) && matchesOneOf(networks, Name),
    accepts: ({ name, origin }) => matchesOneOf(networks, name) && matchesOneOf(hosts, origin),
  }
}

function statusOf(
  { records, locals, host }: SharingContext,
  { options, reconciler, held }: { options: SharingOptions; reconciler: Reconciler; held: string | undefined },
): SharingStatus {
  const { engine, problem } = locals
  const networks = [...records.view.networks()]
  return {
    via: options.via,
    namespace: options.namespace,
    engine: engine ? { version: engine.version, swarm: engine.swarm } : null,
    networks: networks.length,
    here: networks.filter(({ id }) => records.view.member(id, host)?.state === 'present').length,
    unreadable: Object.fromEntries(records.view.unreadable()),
    problems: reconciler.problems(),
    // Without the engine the host is not registered either: the cause is told, not the consequence.
    held: problem === undefined ? (held ?? null) : `the Docker engine cannot be asked: ${problem}`,
  }
}
