import type { Route } from './route.ts'

/** Neutron's sign for "no limit". */
const unlimited = -1

const quota = {
  network: unlimited,
  subnet: unlimited,
  subnetpool: unlimited,
  port: unlimited,
  router: unlimited,
  floatingip: unlimited,
  rbac_policy: unlimited,
  security_group: unlimited,
  security_group_rule: unlimited,
}

/** `/v2.0/quotas`: there are none, which a client reads as -1 for each kind of resource. */
export function quotaRoutes(): Route[] {
  return [
    { path: '/v2.0/quotas', handlers: { GET: () => ({ quotas: [] }) } },
    { path: '/v2.0/quotas/:project', handlers: { GET: () => ({ quota }) } },
    { path: '/v2.0/quotas/:project/default', handlers: { GET: () => ({ quota }) } },
  ]
}
