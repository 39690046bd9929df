import type { TObject } from 'typebox'
import { FloatingIp, PortForwarding, QosPolicy, Router, SecurityGroup } from '../neutron/access.ts'
import type { NeutronErrorType } from '../neutron/errors.ts'
import { Agent, Network, Port, Subnet, SubnetPool } from '../neutron/resources.ts'

/** One kind of resource as the Networking API has it. */
export interface ResourceKind<Schema extends TObject = TObject> {
  /** In lists, and in paths if `path` does not say otherwise: `ports`. */
  plural: string
  /** Where it lives below the API's address, without the first slash: `security-groups`. */
  path?: string
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

/** The kind's path below the API's address. */
export function pathOf({ path, plural }: Pick<ResourceKind, 'path' | 'plural'>): string {
  return `/${path ?? plural}`
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

export const securityGroupKind: ResourceKind<typeof SecurityGroup> = {
  plural: 'security_groups',
  path: 'security-groups',
  singular: 'security_group',
  schema: SecurityGroup,
  whenLeftOut: { ...standardAttributes, security_group_rules: [] },
  notFound: 'SecurityGroupNotFound',
  tagsInCreate: undefined,
}

export const qosPolicyKind: ResourceKind<typeof QosPolicy> = {
  plural: 'policies',
  path: 'qos/policies',
  singular: 'policy',
  schema: QosPolicy,
  whenLeftOut: { project_id: '' },
  notFound: 'QosPolicyNotFound',
  tagsInCreate: undefined,
}

export const routerKind: ResourceKind<typeof Router> = {
  plural: 'routers',
  singular: 'router',
  schema: Router,
  whenLeftOut: { name: '', external_gateway_info: null },
  notFound: 'RouterNotFound',
  tagsInCreate: undefined,
}

export const floatingIpKind: ResourceKind<typeof FloatingIp> = {
  plural: 'floatingips',
  singular: 'floatingip',
  schema: FloatingIp,
  whenLeftOut: { ...standardAttributes, port_id: null, router_id: null, status: '', port_forwardings: [] },
  notFound: 'FloatingIPNotFound',
  tagsInCreate: undefined,
}

/** The port forwardings of one floating IP. */
export function portForwardingKind(floatingIpId: string): ResourceKind<typeof PortForwarding> {
  return {
    plural: 'port_forwardings',
    path: `floatingips/${encodeURIComponent(floatingIpId)}/port_forwardings`,
    singular: 'port_forwarding',
    schema: PortForwarding,
    whenLeftOut: { description: '' },
    notFound: 'PortForwardingNotFound',
    tagsInCreate: undefined,
  }
}
