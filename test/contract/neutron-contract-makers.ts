import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { NeutronError, type NeutronErrorType } from '../../src/neutron/errors.ts'
import type { Neutron } from '../../src/neutron/neutron.ts'
import type { NetworkCreate, PortCreate, SubnetCreate } from '../../src/neutron/requests.ts'
import type { Network, Port, Subnet } from '../../src/neutron/resources.ts'

/** What `work` was refused with. Fails when it was not refused. */
export async function refusal(work: Promise<unknown>): Promise<NeutronError> {
  const outcome = await work.then(
    () => new Error('expected a refusal, but the call succeeded'),
    (error: unknown) => error,
  )
  if (outcome instanceof NeutronError) return outcome
  throw outcome
}

/** Expects a refusal of this type whose message mentions these values. */
export async function expectRefusal(
  work: Promise<unknown>,
  type: NeutronErrorType,
  ...mentioned: string[]
): Promise<void> {
  const error = await refusal(work)
  expect({ type: error.type, message: error.message }).toMatchObject({ type })
  for (const text of mentioned) expect(error.message).toContain(text)
}

/** The least of each resource that a test needs, with what it wants different. */
export function makers(neutron: () => Neutron): {
  network: (body?: NetworkCreate) => Promise<Network>
  subnet: (networkId: string, body?: Partial<SubnetCreate>) => Promise<Subnet>
  port: (networkId: string, body?: Partial<PortCreate>) => Promise<Port>
} {
  return {
    network: (body = {}) => neutron().networks.create({ name: `net-${randomUUID()}`, ...body }),
    subnet: (networkId, body = {}) =>
      neutron().subnets.create({
        network_id: networkId,
        ip_version: 4,
        cidr: '10.7.0.0/24',
        enable_dhcp: false,
        ...body,
      }),
    port: (networkId, body = {}) => neutron().ports.create({ network_id: networkId, ...body }),
  }
}
