import type { EngineInfo } from '../docker-engine/docker-engine.ts'
import { openDockerEngine } from '../docker-engine/open-docker-engine.ts'
import { PortDescription } from '../port-description/port-description.ts'
import type { Config } from '../config/option-table.ts'
import { driverName } from './driver-name.ts'
import { type ConfiguredSharing, openConfiguredSharing, type SharingParts } from './network-sharing.ts'

/** What goes on beside Docker's calls, and asks the engine itself. */
export interface BesideDocker {
  shared: ConfiguredSharing
  /** Who the host's Docker is. @throws EngineError or EngineUnavailableError when it does not say within two seconds. */
  askEngine(): Promise<EngineInfo>
  close(): Promise<void>
}

/** The parts that follow this host's Docker engine, which have one client of it and one stream of its events. */
export function openBesideDocker(config: Config, parts: Omit<SharingParts, 'engine'>): BesideDocker {
  const { DEFAULT, sharing: options } = config
  const { backend, log } = parts
  const engine = openDockerEngine({ host: options.docker_host, log })
  const shared = openConfiguredSharing(config, { engine, ...parts })
  const place = { host: DEFAULT.host, driver: driverName(DEFAULT.kuryr_uri) }
  const description = DEFAULT.describe_ports
    ? new PortDescription({ engine, neutron: backend.neutron, ready: backend.ready, log, options: place })
    : undefined
  return {
    shared,
    askEngine: () => engine.info({ timeoutMs: 2000 }),
    async close() {
      await description?.close()
      await shared.sharing?.close()
      await engine.close()
    },
  }
}
