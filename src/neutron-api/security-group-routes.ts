import { type Handler, pathParameter, type Route } from './route.ts'
import { sendWireError } from './wire-error.ts'

/** `/v2.0/security-groups` and `-rules`: a `Neutron` here has none, which clients that look for them must be told. */
export function securityGroupRoutes(): Route[] {
  return [
    { path: '/v2.0/security-groups', handlers: { GET: () => ({ security_groups: [] }) } },
    { path: '/v2.0/security-groups/:id', handlers: { GET: absent('SecurityGroupNotFound', 'Security group') } },
    { path: '/v2.0/security-group-rules', handlers: { GET: () => ({ security_group_rules: [] }) } },
    {
      path: '/v2.0/security-group-rules/:id',
      handlers: { GET: absent('SecurityGroupRuleNotFound', 'Security group rule') },
    },
  ]
}

function absent(type: string, kind: string): Handler {
  return async (request, reply) =>
    sendWireError(reply, { status: 404, type, message: `${kind} ${pathParameter(request, 'id')} does not exist` })
}
