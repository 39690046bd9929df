import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Network, Port } from '../../../src/neutron/resources.ts'
import { openNeutronService } from '../../../src/neutron-service/open-neutron-service.ts'
import type { NeutronService } from '../../../src/neutron-service/neutron-service.ts'
import { openPortBindings } from '../../../src/port-binding/open-port-bindings.ts'
import type { PortBinding } from '../../../src/port-binding/port-binding.ts'
import { silentLog, sqliteStore, type TestStore } from '../../contract/neutron-stores.ts'
import { BareHost } from './bare-host.ts'

describe('vif_plugging_is_fatal', () => {
  let host: BareHost
  let place: TestStore
  let neutron: NeutronService
  let network: Network
  let port: Port

  beforeAll(async () => {
    host = await BareHost.start('wait until active')
    place = await sqliteStore()
    neutron = openNeutronService({ store: place.store, host: 'node1', log: silentLog, defaultMtu: 1400 })
    network = await neutron.networks.create({ name: 'blue' })
  })
  beforeEach(async () => {
    const made = await neutron.ports.create({ network_id: network.id, 'binding:host_id': 'node1' })
    port = { ...made, 'binding:vif_type': 'bridge', 'binding:vif_details': {} }
  })
  afterAll(async () => {
    await neutron.close()
    await place.remove()
    await host[Symbol.asyncDispose]()
  })

  function bindings(patience?: number): PortBinding {
    const ovsdb = { address: 'unix:/run/openvswitch/no-such-socket' }
    const activation = patience === undefined ? {} : { activation: { patience } }
    return openPortBindings({ linkOps: host.linkOps, ovsdb, neutron, ...activation })
  }
  const bind = (by: PortBinding, signal?: AbortSignal) =>
    by.bind({ port, network, endpointId: 'endpoint' }, signal === undefined ? {} : { signal })
  const isPlugged = async (): Promise<boolean> =>
    (await host.linkOps.listLinks(undefined)).some(({ name }) => name === `tap${port.id.slice(0, 11)}`)

  it('comes back when the port is ACTIVE, not before', async () => {
    let back = false
    const binding = bind(bindings(30_000)).finally(() => (back = true))
    await delay(500)
    expect(back).toBe(false)
    await neutron.ports.update(port.id, { status: 'ACTIVE' })
    expect(await binding).toMatchObject({ wired: false })
  })

  it('fails when it does not become so in time, says what to check, and unplugs', async () => {
    await expect(bind(bindings(600))).rejects.toThrow(
      /did not become ACTIVE within 0\.6 s \(its status is DOWN\): check the L2 agent's log on host "node1"/,
    )
    expect(await isPlugged()).toBe(false)
  })

  it('ends with the call that waits, and unplugs', async () => {
    await expect(bind(bindings(60_000), AbortSignal.timeout(500))).rejects.toThrow('abort')
    expect(await isPlugged()).toBe(false)
  })

  it('fails, and unplugs, when the port is deleted meanwhile', async () => {
    const binding = bind(bindings(30_000))
    binding.catch(() => undefined)
    await neutron.ports.delete(port.id)
    await expect(binding).rejects.toMatchObject({ type: 'PortNotFound' })
    expect(await isPlugged()).toBe(false)
  })

  it('is off by default: the call comes back at once', async () => {
    expect(await bind(bindings())).toMatchObject({ wired: false })
    expect((await neutron.ports.show(port.id)).status).not.toBe('ACTIVE')
  })
})
