import { NeutronError, type NeutronErrorType } from '../neutron/errors.ts'
import type { Network, Port, Subnet, SubnetPool } from '../neutron/resources.ts'
import { keys } from './keys.ts'
import type { ResourceTable, Row } from './replica/resource-table.ts'
import type { Tables } from './replica/tables.ts'

interface Kinds {
  networks: Network
  subnets: Subnet
  subnetpools: SubnetPool
  ports: Port
}

/** The kinds of resources that have an id, tags and a revision number. */
export type KindName = keyof Kinds
export type ResourceOf<K extends KindName> = Kinds[K]

/** Where resources of one kind are, and how their absence is told. */
export interface Kind<R> {
  key: (id: string) => string
  table: (tables: Tables) => ResourceTable<R>
  notFound: (id: string) => NeutronError
}

export const kinds: { [K in KindName]: Kind<ResourceOf<K>> } = {
  networks: { key: keys.network, table: tables => tables.networks, notFound: absent('NetworkNotFound', 'Network') },
  subnets: { key: keys.subnet, table: tables => tables.subnets, notFound: absent('SubnetNotFound', 'Subnet') },
  subnetpools: {
    key: keys.subnetpool,
    table: tables => tables.subnetpools,
    notFound: absent('SubnetPoolNotFound', 'Subnet pool'),
  },
  ports: { key: keys.port, table: tables => tables.ports, notFound: absent('PortNotFound', 'Port') },
}

/** The resource's row. @throws NeutronError its kind's NotFound */
export function found<R>(kind: Kind<R>, tables: Tables, id: string): Row<R> {
  const row = kind.table(tables).get(id)
  if (!row) throw kind.notFound(id)
  return row
}

function absent(type: NeutronErrorType, what: string): (id: string) => NeutronError {
  return id => new NeutronError(type, `${what} ${id.slice(0, 80)} could not be found.`)
}
