import type { Logger } from 'pino'
import type { Cloud } from '../keystone/cloud.ts'
import { Session } from '../keystone/session.ts'
import type { AccessServices } from '../neutron/access.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type {
  NetworkCreate,
  NetworkUpdate,
  PortCreate,
  PortUpdate,
  SubnetCreate,
  SubnetPoolCreate,
  SubnetPoolUpdate,
  SubnetUpdate,
} from '../neutron/requests.ts'
import type { Agent, Network, Port, Subnet, SubnetPool } from '../neutron/resources.ts'
import type { Trunks } from '../neutron/trunks.ts'
import { accessCalls } from './access-calls.ts'
import { KnownExtensions } from './known-extensions.ts'
import { LostCreations } from './lost-creation.ts'
import { NetworkingCalls } from './networking-calls.ts'
import { RemoteCollection } from './remote-collection.ts'
import { TrunkCalls } from './trunk-calls.ts'
import { agentKind, networkKind, portKind, subnetKind, subnetPoolKind } from './resource-kinds.ts'

/** OpenStack's Neutron. */
export interface OpenStackNeutron extends Neutron {
  readonly trunks: Trunks
  readonly access: AccessServices
  /** Rejects when Keystone or Neutron does not answer at this moment, or does not let us in. */
  probe(call?: Call): Promise<void>
  /** Resolves when nothing that a lost answer may have made is looked for any more. */
  settled(): Promise<void>
  close(): Promise<void>
}

/**
 * Neutron of this cloud. Opens without asking anybody: the first call logs in.
 *
 * @param options.settledAfter milliseconds for which is looked for what a request made whose answer was lost
 * @throws {OpenStackError} `misconfigured` when a certificate file cannot be read
 */
export function openOpenStackNeutron(
  cloud: Cloud,
  log: Logger,
  options: { settledAfter?: number } = {},
): OpenStackNeutron {
  const session = new Session(cloud, log)
  const calls = new NetworkingCalls(session)
  const extensions = new KnownExtensions(calls)
  const lost = new LostCreations(log, options)
  const parts = { calls, extensions, lost }
  return {
    networks: new RemoteCollection<Network, NetworkCreate, NetworkUpdate>(networkKind, parts),
    subnets: new RemoteCollection<Subnet, SubnetCreate, SubnetUpdate>(subnetKind, parts),
    subnetpools: new RemoteCollection<SubnetPool, SubnetPoolCreate, SubnetPoolUpdate>(subnetPoolKind, parts),
    ports: new RemoteCollection<Port, PortCreate, PortUpdate>(portKind, parts),
    agents: new RemoteCollection<Agent, never, never>(agentKind, parts),
    trunks: new TrunkCalls(calls),
    access: accessCalls(parts, session),
    extensions: (call = {}) => extensions.list(call),
    async probe({ signal } = {}) {
      await calls.ask({ method: 'GET', path: '/extensions/subnet_allocation', signal }, 'HTTPNotFound')
    },
    settled: () => lost.settled(),
    async close() {
      await lost.close()
      await session.close()
    },
  }
}
