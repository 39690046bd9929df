import { describe, expect, it } from 'vitest'
import type { Network, Port } from '../neutron/resources.ts'
import { BindingByVifType } from './binding-by-vif-type.ts'
import type { PortBinding } from './port-binding.ts'

const requestFor = (vifType: string) => {
  const port = { id: 'p1', 'binding:vif_type': vifType, 'binding:host_id': 'node1' } as Port
  return { port, network: {} as Network, endpointId: 'e1' }
}

/** A binding that only remembers; it stands for a data plane. */
class Remembering implements PortBinding {
  readonly unbound: string[] = []
  bind({ port }: { port: Port }) {
    return Promise.resolve({ containerInterface: `for-${port.id}`, wired: true })
  }
  unbind({ portId }: { portId: string }) {
    this.unbound.push(portId)
    return Promise.resolve()
  }
}

describe('BindingByVifType', () => {
  it('plugs a port by the binding of its vif type', async () => {
    const registry = new BindingByVifType({ fabric: new Remembering() })
    expect(await registry.bind(requestFor('fabric'), {})).toEqual({ containerInterface: 'for-p1', wired: true })
  })

  it.each([
    ['ovs', 'which this host cannot plug; it can plug: fabric'],
    ['constructor', 'which this host cannot plug'],
    ['unbound', 'check that binding:host_id was accepted'],
    ['binding_failed', 'openstack network agent list'],
  ])('refuses vif type %s and says what to check', async (vifType, text) => {
    const registry = new BindingByVifType({ fabric: new Remembering() })
    await expect(registry.bind(requestFor(vifType), {})).rejects.toThrow(text)
  })

  it('asks every binding to unbind, and tells the failure of one after all were asked', async () => {
    const [first, last] = [new Remembering(), new Remembering()]
    const failing = { bind: first.bind.bind(first), unbind: () => Promise.reject(new Error('no')) }
    const registry = new BindingByVifType({ first, failing, last })
    await expect(registry.unbind({ portId: 'p1', networkId: 'n1' }, {})).rejects.toThrow('no')
    expect([first.unbound, last.unbound]).toEqual([['p1'], ['p1']])
  })
})
