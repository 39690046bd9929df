import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import type { Neutron } from '../../../src/neutron/neutron.ts'
import type { Network, Port, Subnet, SubnetPool } from '../../../src/neutron/resources.ts'
import { sqliteStore, type TestStore } from '../../contract/neutron-stores.ts'
import { Host, type HostOptions } from './host.ts'
import { removeNamespaces } from './namespaces.ts'

/** All that a network service holds, by kind, ordered by id. */
export interface Content {
  networks: Network[]
  subnets: Subnet[]
  subnetpools: SubnetPool[]
  ports: Port[]
}

/** What the network service holds now. */
export async function contentOf(neutron: Neutron): Promise<Content> {
  const byId = { sort_key: 'id' }
  return {
    networks: await neutron.networks.list(byId),
    subnets: await neutron.subnets.list(byId),
    subnetpools: await neutron.subnetpools.list(byId),
    ports: await neutron.ports.list(byId),
  }
}

/** Without the count and time of changes: what was changed and changed back is equal. */
export function withoutRevisions(content: Content): object {
  const bare = (resources: { revision_number: number; updated_at: string }[]) =>
    resources.map(resource => ({ ...resource, revision_number: 0, updated_at: '' }))
  return {
    networks: bare(content.networks),
    subnets: bare(content.subnets),
    subnetpools: bare(content.subnetpools),
    ports: bare(content.ports),
  }
}

/** Two Docker hosts on one store, anew for each test. */
export class Scene {
  node1!: Host
  node2!: Host
  #store!: TestStore
  #before: object = {}
  readonly #openStore: () => Promise<TestStore>

  constructor(openStore: () => Promise<TestStore> = sqliteStore) {
    this.#openStore = openStore
    beforeAll(removeNamespaces)
    beforeEach(async () => {
      this.#store = await this.#openStore()
      this.node1 = await Host.open('a', this.#store.store)
      this.node2 = await Host.open('b', this.#store.store)
      await this.remember()
    })
    afterEach(async () => {
      await this.node1.close()
      await this.node2.close()
      await removeNamespaces()
      await this.#store.remove()
    })
    afterAll(removeNamespaces)
  }

  get neutron(): Neutron {
    return this.node1.neutron
  }

  /** Opens node 1 anew, with other options. */
  async reopen(options: HostOptions): Promise<Host> {
    await this.node1.close()
    this.node1 = await Host.open('c', this.#store.store, options)
    return this.node1
  }

  /** What is there now is the operator's. */
  async remember(): Promise<void> {
    this.#before = withoutRevisions(await contentOf(this.neutron))
  }

  /** The network service holds what {@link remember} saw, no more and no less, and no host has anything plugged. */
  async expectNothingLeft(): Promise<void> {
    expect(withoutRevisions(await contentOf(this.neutron))).toEqual(this.#before)
    expect([...(await this.node1.plugged()), ...(await this.node2.plugged())]).toEqual([])
  }
}
