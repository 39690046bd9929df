import type {
  NetworkCreate,
  NetworkUpdate,
  PortCreate,
  PortUpdate,
  SubnetCreate,
  SubnetPoolCreate,
  SubnetPoolUpdate,
  SubnetUpdate,
} from './requests.ts'
import type { Agent, Extension, Network, Port, Subnet, SubnetPool } from './resources.ts'

/**
 * The network service, whoever provides it: the embedded one or OpenStack's. Resources, fields, filters and errors are
 * Neutron's own. Every implementation passes `test/contract/neutron.contract.ts`.
 */
export interface Neutron {
  readonly networks: Collection<Network, NetworkCreate, NetworkUpdate>
  readonly subnets: Collection<Subnet, SubnetCreate, SubnetUpdate>
  readonly subnetpools: Collection<SubnetPool, SubnetPoolCreate, SubnetPoolUpdate>
  readonly ports: Collection<Port, PortCreate, PortUpdate>
  readonly agents: Pick<Collection<Agent, never, never>, 'show' | 'list' | 'delete'>
  extensions(call?: Call): Promise<Extension[]>
}

/** The calls on one kind of resource. All reject with `NeutronError`; an absent id with its `…NotFound`. */
export interface Collection<Resource, Create, Update> {
  create(body: Create, call?: Call): Promise<Resource>
  show(id: string, call?: Call): Promise<Resource>
  list(query?: Query, call?: Call): Promise<Resource[]>
  update(id: string, body: Update, options?: UpdateOptions): Promise<Resource>
  delete(id: string, call?: Call): Promise<void>
  /** Adds tags that are not there yet, in this order where it takes several steps. A tag: 1 to 255 characters without comma; at most 50 per resource. */
  addTags(id: string, tags: readonly string[], call?: TagCall): Promise<void>
  /** Removes tags, in this order where it takes several steps; one that is not there is no error. */
  removeTags(id: string, tags: readonly string[], call?: TagCall): Promise<void>
}

/**
 * Neutron's list parameters under their wire names: any field (`name`, `network_id`, `device_id`, …) with one value or
 * several (any of them); `fixed_ips` as `subnet_id=…` / `ip_address=…`; `tags` (all), `tags-any`, `not-tags`,
 * `not-tags-any` (comma-separated on the wire, arrays here); `fields`; `sort_key`, `sort_dir`; `limit`, `marker`,
 * `page_reverse`.
 */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export interface Call {
  /** Aborts the call, which then rejects with the signal's reason. */
  signal?: AbortSignal
}

export interface TagCall extends Call {
  /**
   * All tags that the resource has, where nobody else can be changing them. OpenStack then needs one request for any
   * number of tags; otherwise it may need one for each.
   */
  present?: readonly string[]
}

export interface UpdateOptions extends Call {
  /** Only if the resource still has this `revision_number`; otherwise `RevisionNumberConstraintFailed` (412). */
  ifRevision?: number
}
