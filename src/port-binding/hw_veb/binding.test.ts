import { beforeEach, describe, expect, it } from 'vitest'
import { HostNetworkError } from '../../host-network/host-network-error.ts'
import type { ChildLinkSpec, Link, LinkOps, VirtualFunctionUse } from '../../host-network/link-ops.ts'
import { containerInterfaceName } from '../../host-network/names.ts'
import type { VirtualFunction } from '../../host-network/virtual-function.ts'
import type { Network, Port } from '../../neutron/resources.ts'
import type { BindRequest } from '../port-binding.ts'
import { HwVebBinding } from './binding.ts'

const PORT = '11111111-2222-3333-4444-555555555555'
const SLOT = '0000:03:10.1'

/** A host with an SR-IOV card, which no test machine has, and as much of the kernel as its links need. */
class PlayedCard {
  readonly links = new Map<string, Link>()
  /** What the card itself holds for its function. */
  atCard: Pick<VirtualFunctionUse, 'mac' | 'vlan'> | undefined

  constructor() {
    this.#add({ name: 'enp3s0v1', parentDevice: SLOT })
    this.#add({ name: 'enp4s0', parentDevice: '0000:04:00.0', alias: 'uplink', up: true })
  }

  #add(link: Partial<Link> & { name: string }): void {
    const bare = { index: 1, mac: '', mtu: 1500, up: false, bridge: undefined, kind: undefined, vxlan: undefined }
    this.links.set(link.name, { ...bare, alias: undefined, parentDevice: undefined, ...link })
  }

  readonly linkOps = {
    findVirtualFunction: (address: string): Promise<VirtualFunction> =>
      address === SLOT && this.links.has('enp3s0v1')
        ? Promise.resolve({ device: 'enp3s0v1', physicalDevice: 'enp3s0', index: 1 })
        : Promise.reject(new HostNetworkError('absent', `PCI device ${address} has no network device`)),
    setVirtualFunction: ({ device }: VirtualFunction, to: VirtualFunctionUse | undefined): Promise<void> => {
      this.atCard = to && { mac: to.mac, vlan: to.vlan }
      const link = this.links.get(device)
      if (link) Object.assign(link, { alias: to?.alias, up: to?.up ?? false, ...(to && { mac: to.mac, mtu: to.mtu }) })
      return Promise.resolve()
    },
    createChildLink: (spec: ChildLinkSpec): Promise<void> => {
      if (this.links.has(spec.name)) return Promise.reject(new HostNetworkError('exists', `${spec.name} exists`))
      this.#add({ ...spec, mac: spec.mac ?? '' })
      return Promise.resolve()
    },
    listLinks: (): Promise<Link[]> => Promise.resolve([...this.links.values()]),
    deleteLinks: (_: unknown, names: string[]): Promise<void> => {
      for (const name of names) this.links.delete(name)
      return Promise.resolve()
    },
  } as Partial<LinkOps> as LinkOps

  /** A container takes the link; at its end a function's own device comes back, down, and a macvtap does not. */
  take(name: string): { end: () => void } {
    const link = this.links.get(name)
    if (!link) throw new Error(`no ${name} on the host`)
    this.links.delete(name)
    return { end: () => link.parentDevice !== undefined && this.links.set(name, { ...link, up: false }) }
  }
}

function request(vnicType: 'direct' | 'macvtap'): BindRequest {
  const port = {
    id: PORT,
    mac_address: 'fa:16:3e:00:00:09',
    'binding:vnic_type': vnicType,
    'binding:profile': { pci_slot: SLOT },
    'binding:vif_details': { vlan: '7' },
  } as unknown as Port
  return { port, network: { mtu: 9000 } as Network, endpointId: 'endpoint' }
}

describe('hw_veb', () => {
  let card: PlayedCard
  const plugs = () => new HwVebBinding(card.linkOps).plugs()
  const unbind = () => new HwVebBinding(card.linkOps).unbind({ portId: PORT }, {})
  beforeEach(() => {
    card = new PlayedCard()
  })

  it.each(['direct', 'macvtap'] as const)(
    '%s: MAC and VLAN at the card, MTU at the device, all taken back',
    async type => {
      const { containerInterface } = await new HwVebBinding(card.linkOps).bind(request(type), {})
      expect(containerInterface).toBe(type === 'direct' ? 'enp3s0v1' : containerInterfaceName(PORT))
      expect(card.atCard).toEqual({ mac: 'fa:16:3e:00:00:09', vlan: 7 })
      // A macvtap on a device that is down has no carrier; one that Docker moves is set up by Docker.
      expect(card.links.get('enp3s0v1')).toMatchObject({ mtu: 9000, up: type === 'macvtap' })
      await unbind()
      expect(card.atCard).toBeUndefined()
      expect([...card.links.values()].map(({ name, alias }) => [name, alias])).toEqual([
        ['enp3s0v1', undefined],
        ['enp4s0', 'uplink'],
      ])
      expect(await plugs()).toEqual([])
    },
  )

  it('direct: told also after a restart, while it waits for Docker and when it came back from a container', async () => {
    expect(await plugs()).toEqual([])
    await new HwVebBinding(card.linkOps).bind(request('direct'), {})
    expect(await plugs()).toEqual([{ portId: PORT, inUse: false }])
    const container = card.take('enp3s0v1')
    expect(await plugs()).toEqual([])
    container.end()
    expect(await plugs()).toEqual([{ portId: PORT, inUse: false }])
    await unbind()
    expect(await plugs()).toEqual([])
  })

  it('macvtap: told also after a restart, in use while a container has it', async () => {
    await new HwVebBinding(card.linkOps).bind(request('macvtap'), {})
    expect(await plugs()).toEqual([{ portId: PORT, inUse: false }])
    card.take(containerInterfaceName(PORT)).end()
    expect(await plugs()).toEqual([{ portId: PORT, inUse: true }])
    await unbind()
    expect(await plugs()).toEqual([])
  })
})
