import type { TObject } from 'typebox'
import type { NeutronErrorType } from '../neutron/errors.ts'
import { Agent, Network, Port, Subnet, SubnetPool } from '../neutron/resources.ts'

/** One kind of resource as the Networking API has it. */
export interface ResourceKind<Schema extends TObject = TObject> {
  /** In paths and lists: `ports`. */
  plural: string
  /** In bodies of one resource: `port`. */
  singular: string
  schema: Schema
  /**
   * What a Neutron leaves out that is asked by somebody who is no admin, or that has not loaded an extension: the value
   * that stands for "nothing said".
   */
  whenLeftOut: Readonly<Record<string, unknown>>
  notFound: NeutronErrorType
  /** The extension without which a create body has no `tags`; `undefined`: no Neutron takes them there. */
  tagsInCreate: string | undefined
}

const standardAttributes = {
  name: '',
  description: '',
  project_id: '',
  tenant_id: '',
  tags: [],
  created_at: '',
  updated_at: '',
  revision_number: 0,
}

export const networkKind: ResourceKind<typeof Network> = {
  plural: 'networks',
  singular: 'network',
  schema: Network,
  whenLeftOut: {
    ...standardAttributes,
    mtu: 1450,
    subnets: [],
    'router:external': false,
    port_security_enabled: true,
    availability_zone_hints: [],
    availability_zones: [],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
  },
  notFound: 'NetworkNotFound',
  tagsInCreate: undefined,
}

export const subnetKind: ResourceKind<typeof Subnet> = {
  plural: 'subnets',
  singular: 'subnet',
  schema: Subnet,
  whenLeftOut: {
    ...standardAttributes,
    subnetpool_id: null,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    service_types: [],
    host_routes: [],
    dns_nameservers: [],
  },
  notFound: 'SubnetNotFound',
  tagsInCreate: undefined,
}

export const subnetPoolKind: ResourceKind<typeof SubnetPool> = {
  plural: 'subnetpools',
  singular: 'subnetpool',
  schema: SubnetPool,
  whenLeftOut: { ...standardAttributes, default_quota: null, address_scope_id: null, is_default: false },
  notFound: 'SubnetPoolNotFound',
  tagsInCreate: undefined,
}

export const portKind: ResourceKind<typeof Port> = {
  plural: 'ports',
  singular: 'port',
  schema: Port,
  whenLeftOut: {
    ...standardAttributes,
    security_groups: [],
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    port_security_enabled: true,
    'binding:host_id': '',
    'binding:vnic_type': 'normal',
    'binding:vif_type': 'unbound',
    'binding:vif_details': {},
    'binding:profile': {},
  },
  notFound: 'PortNotFound',
  tagsInCreate: 'tag-ports-during-bulk-creation',
}

export const agentKind: ResourceKind<typeof Agent> = {
  plural: 'agents',
  singular: 'agent',
  schema: Agent,
  whenLeftOut: { availability_zone: null, description: null, configurations: {} },
  notFound: 'AgentNotFound',
  tagsInCreate: undefined,
}
