import type { Neutron } from '../../../src/neutron/neutron.ts'

/** One call to the network service: `ports.create`, and how to carry it out. */
export interface ServiceCall {
  name: string
  args: unknown[]
  proceed: () => Promise<unknown>
}

/** The network service with somebody who sees every call first, and may fail it, hold it up or let it pass. */
export function interposed(neutron: Neutron, onCall: (call: ServiceCall) => Promise<unknown>): Neutron {
  const collection = <C extends object>(kind: string, inner: C): C =>
    new Proxy(inner, {
      get(target, method) {
        const value: unknown = Reflect.get(target, method, target)
        if (typeof value !== 'function') return value
        const name = `${kind}.${String(method)}`
        return (...args: unknown[]) =>
          onCall({ name, args, proceed: () => Reflect.apply(value, target, args) as Promise<unknown> })
      },
    })
  return {
    networks: collection('networks', neutron.networks),
    subnets: collection('subnets', neutron.subnets),
    subnetpools: collection('subnetpools', neutron.subnetpools),
    ports: collection('ports', neutron.ports),
    agents: neutron.agents,
    extensions: call => neutron.extensions(call),
  }
}
