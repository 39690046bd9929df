import { NeutronError } from '../../neutron/errors.ts'
import type { PlanView } from '../writes/commit.ts'

/**
 * Makes the planner look at the store before it believes that a host has no agent: the host may have registered a
 * moment ago. (A refusal on a view that is not fresh is never told to anybody.)
 */
export function lookAgainForAgent({ fresh, tables }: PlanView, host: string): void {
  if (fresh || host === '' || tables.agents.get(host)) return
  throw new NeutronError('AgentNotFound', `No agent of host ${host} is known yet.`)
}
