import type { Logger } from 'pino'
import type { LoadedConfig } from '../config/load-config.ts'
import { openFabric } from '../fabric/open-fabric.ts'
import type { LinkOps } from '../host-network/link-ops.ts'
import { openNeutronService } from '../neutron-service/open-neutron-service.ts'
import { BindingByVifType } from '../port-binding/binding-by-vif-type.ts'
import { FabricBinding } from '../port-binding/fabric/binding.ts'
import { openConfiguredStore } from './configured-store.ts'
import { DeferredBinding } from './deferred-binding.ts'
import type { LocalEndpoint } from './local-endpoint.ts'
import type { NetworkBackend } from './network-backend.ts'
import { StoreMemory } from './store-memory.ts'

export interface BackendParts {
  loaded: LoadedConfig
  linkOps: LinkOps
  endpoint: LocalEndpoint
  version: string
  log: Logger
}

/**
 * The embedded Neutron with its fabric. Opens at once, whether the store is there or not; then, behind the scenes, the
 * host registers, and the fabric takes over what an earlier daemon left.
 */
export function openEmbeddedNeutron({ loaded, linkOps, endpoint, version, log }: BackendParts): NetworkBackend {
  const { DEFAULT, store: storeOptions, embedded, fabric: fabricOptions } = loaded.config
  const memory = new StoreMemory({ statePath: DEFAULT.state_path, url: storeOptions.url })
  const store = openConfiguredStore(storeOptions, log)
  const neutron = openNeutronService({
    store,
    host: DEFAULT.host,
    log,
    defaultMtu: endpoint.mtu,
    vniRange: { first: embedded.vni_range.min, last: embedded.vni_range.max },
    baseMac: embedded.base_mac,
    memory,
  })
  const fabric = openFabric({
    linkOps,
    view: neutron.view,
    host: DEFAULT.host,
    localAddress: endpoint.address,
    vxlanPort: fabricOptions.vxlan_port,
    log,
  })
  const ready = Promise.all([
    neutron.registerAgent({ tunnelingIp: endpoint.address ?? '', version }),
    fabric.start(),
  ]).then(() => undefined)
  const binding = new BindingByVifType({ fabric: new FabricBinding(fabric) })
  return {
    kind: 'embedded',
    neutron,
    access: undefined,
    binding: new DeferredBinding(ready.then(() => binding)),
    ready,
    probeStore: signal => neutron.probe({ signal }),
    storeProblem: () => neutron.problem,
    fabricStatus: () => fabric.status(),
    async close() {
      await fabric.stop()
      await neutron.close()
      await store.close()
    },
  }
}
