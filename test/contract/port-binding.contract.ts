import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Link, LinkOps } from '../../src/host-network/link-ops.ts'
import type { Network, Port } from '../../src/neutron/resources.ts'
import type { BindRequest, PortBinding } from '../../src/port-binding/port-binding.ts'
import { makeNetwork, makePort } from '../integration/fabric/resources.ts'

/** A host on which an implementation plugs ports. */
export interface BindingUnderTest extends AsyncDisposable {
  linkOps: LinkOps
  /** Where the ports are; one of the suite's own if absent. */
  network?: Network
  /** The binding as a daemon has it that has just started: it remembers nothing. */
  open(): PortBinding
  /** What the port has at this moment, in words that differ when something differs; empty when it has nothing. */
  look(port: Port): Promise<string[]>
  /** Moves the container end into a sandbox, as Docker does. */
  moveToSandbox(link: string): Promise<void>
  /** Ends that sandbox, and the link in it. */
  endSandbox(): Promise<void>
}

export interface BindingTraits {
  /** `binding:vif_type` and what Neutron's mechanism driver tells with it. */
  vif: Pick<Port, 'binding:vif_type' | 'binding:vif_details'>
  /** Whether the binding says itself that the port is ACTIVE. */
  wired: boolean
  /** Whether something stays on the host of a port whose link is in a sandbox, so that it can be told. */
  hasHostEnd: boolean
  /** Whether it tells its plugs; one that takes care of its own remains does not. */
  listsPlugs: boolean
}

/** What every port binding promises, on a real kernel. */
export function portBindingContract(name: string, traits: BindingTraits, start: () => Promise<BindingUnderTest>): void {
  describe(`port binding: ${name}`, () => {
    let host: BindingUnderTest
    let network: Network
    let binding: PortBinding
    beforeAll(async () => {
      host = await start()
      network = host.network ?? makeNetwork(4242, 1400)
      binding = host.open()
    })
    afterAll(() => host[Symbol.asyncDispose]())

    const request = (number = 1): BindRequest => {
      const bound = { mac: `fa:16:3e:00:00:0${number}`, addresses: [`10.0.0.${number}`] }
      return { port: { ...makePort(network, 'node1', bound), ...traits.vif }, network, endpointId: `endpoint${number}` }
    }
    const unbind = (one: BindRequest, by = binding): Promise<void> =>
      by.unbind({ portId: one.port.id, networkId: network.id }, {})
    const endOf = async (link: string): Promise<Link | undefined> =>
      (await host.linkOps.listLinks(undefined)).find(candidate => candidate.name === link)

    it('leaves a link for Docker: down, with the MAC of the port and the MTU of the network', async () => {
      const one = request()
      const bound = await binding.bind(one, {})
      expect(bound.wired).toBe(traits.wired)
      const end = await endOf(bound.containerInterface)
      expect(end).toMatchObject({ mac: one.port.mac_address, mtu: 1400, up: false })
      await unbind(one)
    })

    it('binds again without a change, unbinds to nothing, and unbinds again', async () => {
      const one = request()
      const first = await binding.bind(one, {})
      const seen = await host.look(one.port)
      expect(seen).not.toEqual([])
      expect(await binding.bind(one, {})).toEqual(first)
      expect(await host.look(one.port)).toEqual(seen)
      await unbind(one)
      expect(await host.look(one.port)).toEqual([])
      await unbind(one)
      expect(await host.look(one.port)).toEqual([])
    })

    it('unbinds what it never bound', async () => {
      await unbind({ ...request(), port: { ...request().port, id: randomUUID() } })
    })

    it('mends a plug that differs', async () => {
      const one = request()
      const { containerInterface } = await binding.bind(one, {})
      await host.linkOps.setMtu(undefined, containerInterface, 1300)
      await binding.bind(one, {})
      expect(await endOf(containerInterface)).toMatchObject({ mtu: 1400, mac: one.port.mac_address })
      await unbind(one)
      expect(await host.look(one.port)).toEqual([])
    })

    it.runIf(traits.hasHostEnd)(
      'leaves the link of a running container alone, and takes it at the end wherever it is',
      async () => {
        const one = request()
        const { containerInterface } = await binding.bind(one, {})
        await host.moveToSandbox(containerInterface)
        const seen = await host.look(one.port)
        expect(await binding.bind(one, {})).toMatchObject({ containerInterface })
        expect(await host.look(one.port)).toEqual(seen)
        await unbind(one)
        expect(await host.look(one.port)).toEqual([])
        await host.endSandbox()
      },
    )

    it('unbinds after its sandbox, and the link in it, is gone', async () => {
      const one = request()
      await host.moveToSandbox((await binding.bind(one, {})).containerInterface)
      await host.endSandbox()
      await unbind(one)
      expect(await host.look(one.port)).toEqual([])
    })

    it('unbinds one of many that were bound at once, and no other', async () => {
      const all = [1, 2, 3, 4].map(request)
      await Promise.all(all.map(one => binding.bind(one, {})))
      const [first, ...others] = all as [BindRequest, ...BindRequest[]]
      await unbind(first)
      expect(await host.look(first.port)).toEqual([])
      for (const other of others) expect(await host.look(other.port)).not.toEqual([])
      await Promise.all(others.map(other => unbind(other)))
      for (const other of others) expect(await host.look(other.port)).toEqual([])
    })

    it('leaves nothing of a port that cannot be plugged, and none that was called off', async () => {
      const one = request()
      const wrong = { ...one, port: { ...one.port, mac_address: 'fa:16:3e:00:00:01\nlink del dev lo' } }
      await expect(binding.bind(wrong, {})).rejects.toThrow('MAC address')
      await expect(binding.bind(one, { signal: AbortSignal.abort() })).rejects.toThrow('abort')
      expect(await host.look(one.port)).toEqual([])
    })

    it('is unbound by a daemon that was restarted', async () => {
      const one = request()
      await binding.bind(one, {})
      await unbind(one, host.open())
      expect(await host.look(one.port)).toEqual([])
    })

    it.runIf(traits.listsPlugs && traits.hasHostEnd)(
      'tells, also after a restart, which ports it has plugged and which are in use',
      async () => {
        const [one, other] = [request(1), request(2)]
        await binding.bind(one, {})
        await host.moveToSandbox((await binding.bind(other, {})).containerInterface)
        const plugs = (await host.open().plugs?.({})) ?? []
        expect(new Map(plugs.map(plug => [plug.portId, plug.inUse]))).toEqual(
          new Map([
            [one.port.id, false],
            [other.port.id, true],
          ]),
        )
        await unbind(one)
        await unbind(other)
        await host.endSandbox()
        expect(await host.open().plugs?.({})).toEqual([])
      },
    )
  })
}
