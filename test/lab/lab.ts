import path from 'node:path'
import { DockerDaemon } from './hosts/docker-daemon.ts'
import { DockerHost } from './hosts/docker-host.ts'
import { HostNamespaces } from './hosts/host-namespaces.ts'
import { KuryrDaemon, type KuryrOptions, withChanges } from './hosts/kuryr-daemon.ts'
import { layWire, type Machine } from './hosts/wire.ts'
import { imageName, packImage } from './image.ts'
import { Etcd } from './etcd.ts'
import { disownLab, ownLab } from './lab-owner.ts'
import { etcd34, etcd35 } from './programs/debian-programs.ts'
import { dockerPrograms, type DockerPrograms, type DockerVersion } from './programs/docker-programs.ts'
import { provideSystemNeeds } from './programs/system-needs.ts'
import { storeOfKind, type StoreKind } from './stores/store-kinds.ts'
import type { StoreServer } from './stores/store-server.ts'
import { labDirectory, newLabRecord, recordAsKept, type LabRecord } from './remains/lab-record.ts'
import { remainsOfLab, removeAbandonedLabs, removeLab } from './remains/remove-lab.ts'

/** What a lab is made of; every part has a default, the experiment's. */
export interface LabOptions {
  /** For people who look at what runs; no need to be unique. */
  name?: string
  /** How many Docker hosts: node1, node2 … at 10.8.65.80, .81 …; two if absent, or as many as `docker` lists. */
  hosts?: number
  etcd?: EtcdVersion
  /** What kuryr keeps its resources in; etcd if absent. With another there is no etcd, and no cluster store. */
  store?: StoreKind
  /** The engine of all hosts, or one for each host; 20.10 if absent. */
  docker?: DockerVersion | readonly DockerVersion[]
  /** Whether dockerds that can share networks by `--cluster-store`; by default if all of them can. */
  clusterStore?: boolean
  /** Options added to each kuryr.conf, or false to start no kuryr (`host.kuryr.start()` then does). */
  kuryr?: KuryrOptions | false
}

export type EtcdVersion = '3.4' | '3.5'
export type { DockerVersion } from './programs/docker-programs.ts'

const etcdOfVersion = { '3.4': etcd34, '3.5': etcd35 }
const etcdMachine: Machine = { name: 'etcd', address: '10.8.65.79' }

/** Docker hosts with kuryr on one wire, and an etcd. `await using` stops it at the end of the block. */
export class Lab implements AsyncDisposable {
  readonly id: string
  readonly directory: string
  /** Runs unless `store` is another. */
  readonly etcd: Etcd
  /** The store that is not etcd. */
  readonly store: StoreServer | undefined
  readonly hosts: readonly DockerHost[]
  readonly #record: LabRecord

  constructor(record: LabRecord, stores: { etcd: Etcd; store: StoreServer | undefined }, hosts: readonly DockerHost[]) {
    this.#record = record
    this.id = record.id
    this.directory = labDirectory(record.id)
    this.etcd = stores.etcd
    this.store = stores.store
    this.hosts = hosts
  }

  /** The host of that number, from 1 as in its name. */
  host(number: number): DockerHost {
    const found = this.hosts[number - 1]
    if (found === undefined) throw new Error(`expected a host from 1 to ${this.hosts.length}, got ${number}`)
    return found
  }

  /**
   * Stops everything as an operator would, then removes what is left.
   * @throws Error if a daemon did not end when asked to: then it was killed, and the lab is removed all the same.
   */
  async stop(): Promise<void> {
    const stubborn = (await Promise.all(this.hosts.map(stopHost))).flat()
    await this.etcd.stop()
    await this.store?.stop()
    await removeLab(this.id)
    disownLab(this.id)
    if (stubborn.length > 0) throw new Error(`${stubborn.join(', ')} did not end when asked to, and had to be killed`)
  }

  /** Leaves the lab up when this process ends; `test/lab/stop.ts` removes it. */
  async keep(): Promise<void> {
    await recordAsKept(this.#record)
    disownLab(this.id)
  }

  /** What is left of it on this machine, in words; empty after {@link stop}. */
  remains(): Promise<string[]> {
    return remainsOfLab(this.id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/**
 * Starts a lab and returns when all of it answers. Labs that a dead process left are removed first; live ones stay, and
 * several can run side by side.
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  await provideSystemNeeds()
  await removeAbandonedLabs()
  const etcdPrograms = await etcdOfVersion[options.etcd ?? '3.4']()
  const engines = await Promise.all(engineVersions(options).map(dockerPrograms))
  const record = await newLabRecord(options.name ?? 'lab')
  ownLab(record.id)
  try {
    const machines = engines.map((programs, index) => ({ ...hostMachine(index), programs }))
    await layWire(record.id, [etcdMachine, ...machines])
    const directory = path.join(labDirectory(record.id), 'etcd')
    const etcd = new Etcd({ labId: record.id, address: etcdMachine.address, directory, programs: etcdPrograms })
    const store = storeOfKind(options.store ?? 'etcd', record.id, etcdMachine)
    const [image] = await Promise.all([packImage(labDirectory(record.id)), (store ?? etcd).start()])
    const clusterStore =
      options.clusterStore ?? (store === undefined && engines.every(engine => engine.hasClusterStore))
    const storeUrl = store?.url ?? `etcd://${etcd.endpoint}`
    const plan = { record, options, etcd, storeUrl, image, clusterStore }
    const hosts = await allOrFirstFailure(machines.map(machine => startHost(machine, plan)))
    return new Lab(record, { etcd, store }, hosts)
  } catch (error) {
    await removeLab(record.id)
    disownLab(record.id)
    throw error
  }
}

interface DockerMachine extends Machine {
  programs: DockerPrograms
}

interface HostPlan {
  record: LabRecord
  options: LabOptions
  etcd: Etcd
  storeUrl: string
  image: string
  clusterStore: boolean
}

async function startHost({ programs, ...machine }: DockerMachine, plan: HostPlan): Promise<DockerHost> {
  const { record, options, etcd } = plan
  const labId = record.id
  const namespaces = await HostNamespaces.make(labId, machine.name)
  const place = { hostName: machine.name, directory: path.join(labDirectory(labId), machine.name), namespaces }
  const sharing = ['--cluster-store', `etcd://${etcd.endpoint}`, '--cluster-advertise', `${machine.address}:2376`]
  const clusterStoreArguments = plan.clusterStore ? sharing : []
  const daemon = new DockerDaemon({ ...place, labId, programs, clusterStoreArguments })
  const shares = plan.clusterStore && programs.hasClusterStore
  const kuryr = new KuryrDaemon({ ...place, options: kuryrOptions(machine, place.directory, { ...plan, shares }) })
  const host = new DockerHost({ ...machine, ...place, labId, daemon, kuryr })
  const startDocker = async (): Promise<void> => {
    await daemon.start()
    await daemon.output(['import', '--change', 'CMD ["sh"]', plan.image, imageName])
  }
  await allOrFirstFailure([startDocker(), options.kuryr === false ? kuryr.configure() : kuryr.start()])
  return host
}

function kuryrOptions(machine: Machine, directory: string, plan: HostPlan & { shares: boolean }): KuryrOptions {
  const defaults: KuryrOptions = {
    DEFAULT: {
      host: machine.name,
      state_path: path.join(directory, 'state'),
      capability_scope: plan.shares ? 'global' : 'local',
    },
    store: { url: plan.storeUrl },
    fabric: { local_ip: machine.address },
    neutron_service: { bind: '127.0.0.1:9696' },
    sharing: { docker_host: `unix://${path.join(directory, 'docker.sock')}` },
  }
  const { kuryr } = plan.options
  return kuryr === undefined || kuryr === false ? defaults : withChanges(defaults, kuryr)
}

/** The engine of each host. @throws Error if `docker` lists another number of them than `hosts` says. */
function engineVersions({ docker = '20.10', hosts }: LabOptions): DockerVersion[] {
  if (typeof docker === 'string') return Array.from({ length: hosts ?? 2 }, () => docker)
  if (hosts !== undefined && hosts !== docker.length) {
    throw new Error(`expected an engine for each of ${hosts} hosts, got ${docker.join(', ')}`)
  }
  return [...docker]
}

function hostMachine(index: number): Machine {
  return { name: `node${index + 1}`, address: `10.8.65.${80 + index}` }
}

/** Docker first: it tells the plugin that its containers leave. Returns the names of what had to be killed. */
async function stopHost(host: DockerHost): Promise<string[]> {
  // A container's only process ignores SIGTERM, for which Docker would wait 10 s.
  const running = (await host.docker('ps', '--quiet').catch(() => '')).split('\n').filter(id => id !== '')
  if (running.length > 0) await host.tryDocker('kill', ...running)
  const docker = await host.daemon.stop()
  const kuryr = await host.kuryr.stop()
  return [...(docker ? [] : [`dockerd of ${host.name}`]), ...(kuryr ? [] : [`kuryr of ${host.name}`])]
}

/** As Promise.all, but waits for all: what is still being started cannot be removed. */
async function allOrFirstFailure<T>(work: readonly (Promise<T> | T)[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work)
  return outcomes.map(outcome => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}
