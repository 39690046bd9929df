import { type Static, Type } from 'typebox'
import type { Call, Collection } from './neutron.ts'

/**
 * What says who may reach a port, beside the network that it is in: security groups, QoS policies, and floating IPs with
 * their port forwardings. OpenStack's Neutron has them, the embedded one does not. Fields, filters and errors are Neutron's
 * own.
 */
export interface AccessServices {
  readonly securityGroups: Collection<SecurityGroup, SecurityGroupCreate, never>
  /**
   * Makes several rules by one request: all or none.
   *
   * @throws {NeutronError} `SecurityGroupRuleExists` (409) if one of them is there; `SecurityGroupNotFound`
   */
  createSecurityGroupRules(rules: readonly SecurityGroupRuleCreate[], call?: Call): Promise<SecurityGroupRule[]>
  /** @throws {NeutronError} `SecurityGroupRuleNotFound` */
  deleteSecurityGroupRule(id: string, call?: Call): Promise<void>
  /** Of extension `qos`. */
  readonly qosPolicies: Pick<Collection<QosPolicy, never, never>, 'show' | 'list'>
  /** Of extension `router`. */
  readonly routers: Pick<Collection<Router, never, never>, 'show' | 'list'>
  /** Of extension `router`. */
  readonly floatingIps: Collection<FloatingIp, FloatingIpCreate, never>
  /** Of one floating IP; of extension `floating-ip-port-forwarding`. */
  portForwardings(
    floatingIpId: string,
  ): Pick<Collection<PortForwarding, PortForwardingCreate, never>, 'create' | 'list' | 'delete'>
  /** The project that our resources belong to; `undefined` where nobody logs in. */
  ownProject(call?: Call): Promise<string | undefined>
}

const Ethertype = Type.Union([Type.Literal('IPv4'), Type.Literal('IPv6')])

export const SecurityGroupRule = Type.Object({
  id: Type.String(),
  security_group_id: Type.String(),
  direction: Type.Union([Type.Literal('ingress'), Type.Literal('egress')]),
  ethertype: Ethertype,
  /** A name such as `tcp`, or a number; `null`: any. */
  protocol: Type.Union([Type.String(), Type.Null()]),
  port_range_min: Type.Union([Type.Integer(), Type.Null()]),
  port_range_max: Type.Union([Type.Integer(), Type.Null()]),
  remote_ip_prefix: Type.Union([Type.String(), Type.Null()]),
  remote_group_id: Type.Union([Type.String(), Type.Null()]),
  /** Of extension `security-groups-remote-address-group`. */
  remote_address_group_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})
export type SecurityGroupRule = Static<typeof SecurityGroupRule>

export const SecurityGroup = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  project_id: Type.String(),
  tags: Type.Array(Type.String()),
  revision_number: Type.Integer(),
  created_at: Type.String(),
  updated_at: Type.String(),
  security_group_rules: Type.Array(SecurityGroupRule),
})
export type SecurityGroup = Static<typeof SecurityGroup>

export interface SecurityGroupCreate {
  name: string
  description?: string
  tags?: string[]
}

export type SecurityGroupRuleCreate = Pick<SecurityGroupRule, 'security_group_id' | 'direction' | 'ethertype'> &
  Partial<Pick<SecurityGroupRule, 'protocol' | 'port_range_min' | 'port_range_max'>>

export const QosPolicy = Type.Object({ id: Type.String(), name: Type.String(), project_id: Type.String() })
export type QosPolicy = Static<typeof QosPolicy>

export const Router = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** The external network; `null`: the router leads nowhere outside. */
  external_gateway_info: Type.Union([Type.Object({ network_id: Type.String() }), Type.Null()]),
})
export type Router = Static<typeof Router>

export const FloatingIp = Type.Object({
  id: Type.String(),
  description: Type.String(),
  project_id: Type.String(),
  tags: Type.Array(Type.String()),
  created_at: Type.String(),
  floating_network_id: Type.String(),
  floating_ip_address: Type.String(),
  /** The port that all of the address leads to; `null` where there is none, or only port forwardings. */
  port_id: Type.Union([Type.String(), Type.Null()]),
  router_id: Type.Union([Type.String(), Type.Null()]),
  status: Type.String(),
  /** Of extension `expose-port-forwarding-in-fip`, which comes with port forwardings. */
  port_forwardings: Type.Array(
    Type.Object({
      protocol: Type.String(),
      external_port: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
      internal_port: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
      internal_port_id: Type.String(),
      internal_ip_address: Type.String(),
    }),
  ),
})
export type FloatingIp = Static<typeof FloatingIp>

export interface FloatingIpCreate {
  floating_network_id: string
  description?: string
  tags?: string[]
}

export const PortForwarding = Type.Object({
  id: Type.String(),
  /** Of extension `floating-ip-port-forwarding-description`. */
  description: Type.String(),
  protocol: Type.String(),
  /** Absent or `null` where a range of ports is forwarded. */
  external_port: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  /** `8000:8010`; of extension `floating-ip-port-forwarding-port-ranges`. */
  external_port_range: Type.Optional(Type.String()),
  internal_port: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  internal_port_id: Type.String(),
  internal_ip_address: Type.String(),
})
export type PortForwarding = Static<typeof PortForwarding>

export interface PortForwardingCreate extends Pick<
  PortForwarding,
  'protocol' | 'internal_port_id' | 'internal_ip_address'
> {
  external_port: number
  internal_port: number
  description?: string
}
