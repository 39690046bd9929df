import { createNetwork } from './create-network.ts'
import { containersPing } from './containers-ping.ts'
import { endpointsInspected } from './endpoints-inspected.ts'
import { etcdHoldsIt } from './etcd-holds-it.ts'
import type { Step } from './experiment.ts'
import { inspectedOnNode1 } from './inspected-on-node1.ts'
import { removedFromNode2 } from './removed-from-node2.ts'
import { seenOnNode2 } from './seen-on-node2.ts'

/** The experiment "Kuryr with Docker's cluster store", in its order: the quickstart shows it, the tests hold it. */
export const steps: readonly Step[] = [
  createNetwork,
  inspectedOnNode1,
  seenOnNode2,
  etcdHoldsIt,
  containersPing,
  endpointsInspected,
  removedFromNode2,
]
