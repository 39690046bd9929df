import { containersPing } from '../containers-ping.ts'
import { createNetwork } from '../create-network.ts'
import type { Step } from '../experiment.ts'
import { inspectedOnNode1 } from '../inspected-on-node1.ts'
import { removedFromNode2 } from '../removed-from-node2.ts'
import { endpointsOfAllHosts } from './endpoints-of-all-hosts.ts'
import { etcdHoldsTheRecord } from './etcd-holds-the-record.ts'
import { seenOnOthers } from './seen-on-others.ts'

/** The experiment's steps on three hosts whose Docker has no cluster store. */
export const stepsWithoutClusterStore: readonly Step[] = [
  createNetwork,
  { ...inspectedOnNode1, title: 'node1 tells a kuryr network with its subnet, range, gateway and options' },
  seenOnOthers,
  etcdHoldsTheRecord,
  containersPing,
  endpointsOfAllHosts,
  {
    ...removedFromNode2,
    title: 'removed from node2: gone on all three, the Neutron network as it was, nothing of ours left in it',
  },
]
