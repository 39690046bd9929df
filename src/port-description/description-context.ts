import type { DockerEngine } from '../docker-engine/docker-engine.ts'
import type { Neutron } from '../neutron/neutron.ts'

/** What it works with. */
export interface DescriptionContext {
  engine: Pick<DockerEngine, 'listNetworks' | 'inspectNetwork' | 'listContainers' | 'inspectContainer'>
  neutron: Neutron
  host: string
  /** The name of our driver in Docker. */
  driver: string
  /** Docker ids of networks of our driver, as far as they were heard of. Ids are never used again. */
  networks: Set<string>
  log: { warn(about: object, text: string): void }
}
