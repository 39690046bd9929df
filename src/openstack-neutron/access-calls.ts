import type {
  AccessServices,
  FloatingIp,
  FloatingIpCreate,
  PortForwarding,
  PortForwardingCreate,
  QosPolicy,
  Router,
  SecurityGroup,
  SecurityGroupCreate,
  SecurityGroupRuleCreate,
} from '../neutron/access.ts'
import { SecurityGroupRule } from '../neutron/access.ts'
import type { Call } from '../neutron/neutron.ts'
import type { Session } from '../keystone/session.ts'
import { readBody, readResource } from './read-resource.ts'
import { type CollectionParts, RemoteCollection } from './remote-collection.ts'
import {
  floatingIpKind,
  portForwardingKind,
  qosPolicyKind,
  type ResourceKind,
  routerKind,
  securityGroupKind,
} from './resource-kinds.ts'
import { asNeutronError } from './wire-error.ts'

const ruleKind: ResourceKind<typeof SecurityGroupRule> = {
  plural: 'security_group_rules',
  path: 'security-group-rules',
  singular: 'security_group_rule',
  schema: SecurityGroupRule,
  whenLeftOut: {},
  notFound: 'SecurityGroupRuleNotFound',
  tagsInCreate: undefined,
}

/** Security groups, QoS policies and floating IPs of OpenStack's Neutron. */
export function accessCalls(parts: CollectionParts, session: Pick<Session, 'project'>): AccessServices {
  return {
    securityGroups: new RemoteCollection<SecurityGroup, SecurityGroupCreate, never>(securityGroupKind, parts),
    createSecurityGroupRules: (rules, call = {}) => createRules(parts, rules, call),
    deleteSecurityGroupRule: (id, call) =>
      new RemoteCollection<SecurityGroupRule, never, never>(ruleKind, parts).delete(id, call),
    qosPolicies: new RemoteCollection<QosPolicy, never, never>(qosPolicyKind, parts),
    routers: new RemoteCollection<Router, never, never>(routerKind, parts),
    floatingIps: new RemoteCollection<FloatingIp, FloatingIpCreate, never>(floatingIpKind, parts),
    portForwardings: id =>
      new RemoteCollection<PortForwarding, PortForwardingCreate, never>(portForwardingKind(id), parts),
    ownProject: ({ signal } = {}) =>
      session.project(signal).catch((error: unknown) => {
        throw asNeutronError(error)
      }),
  }
}

async function createRules(
  { calls }: CollectionParts,
  rules: readonly SecurityGroupRuleCreate[],
  { signal }: Call,
): Promise<SecurityGroupRule[]> {
  const body = { [ruleKind.plural]: rules }
  const { text } = await calls.ask({ method: 'POST', path: `/${ruleKind.path}`, body, signal }, 'SecurityGroupNotFound')
  const { content } = readBody(text, ruleKind.plural)
  return (Array.isArray(content) ? content : []).map(one => readResource(ruleKind, one))
}
