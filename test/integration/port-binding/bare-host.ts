import path from 'node:path'
import { IprouteLinkOps } from '../../../src/host-network/iproute/iproute-link-ops.ts'
import { HostNamespaces } from '../../lab/hosts/host-namespaces.ts'
import { layWire } from '../../lab/hosts/wire.ts'
import { disownLab, ownLab } from '../../lab/lab-owner.ts'
import { labDirectory, namespaceName, newLabRecord } from '../../lab/remains/lab-record.ts'
import { removeAbandonedLabs, removeLab } from '../../lab/remains/remove-lab.ts'
import { provideSystemNeeds } from '../../lab/programs/system-needs.ts'

/** A host of a lab without Docker: its namespaces, and its links as kuryr would see them from inside. */
export class BareHost implements AsyncDisposable {
  readonly linkOps: IprouteLinkOps
  readonly namespaces: HostNamespaces
  readonly directory: string
  readonly #labId: string

  private constructor(labId: string, namespaces: HostNamespaces) {
    this.#labId = labId
    this.namespaces = namespaces
    this.directory = path.join(labDirectory(labId), 'node1')
    this.linkOps = new IprouteLinkOps({ hostNamespace: namespaceName(labId, 'node1') })
  }

  static async start(name: string): Promise<BareHost> {
    await provideSystemNeeds()
    await removeAbandonedLabs()
    const { id } = await newLabRecord(name)
    ownLab(id)
    await layWire(id, [{ name: 'node1', address: '10.8.65.80' }])
    return new BareHost(id, await HostNamespaces.make(id, 'node1'))
  }

  /** What the names of a fabric's namespaces on this host begin with: they are the machine's. */
  get fabricPrefix(): string {
    return `${namespaceName(this.#labId, 'f')}-`
  }

  /** Puts a container end into a sandbox as Docker does; it goes with the host. */
  async moveToSandbox(link: string): Promise<void> {
    const script = `ip netns add sandbox; ip link set dev "$1" netns sandbox; ip -n sandbox link set dev "$1" name eth0 up`
    await this.namespaces.output(['sh', '-ec', script, 'sh', link])
  }

  /** What Docker does at the end of a container: its network namespace goes, and the end in it. */
  async endSandbox(): Promise<void> {
    await this.namespaces.output(['ip', 'netns', 'del', 'sandbox'])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeLab(this.#labId)
    disownLab(this.#labId)
  }
}
