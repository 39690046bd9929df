import type { Call, Neutron } from '../neutron/neutron.ts'

/** What the routes share: the network service they serve, and how long one call of it may take. */
export interface ApiContext {
  neutron: Neutron
  /** The options of one call: its deadline begins now. */
  call: () => Call
}
