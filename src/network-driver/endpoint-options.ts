import { Type } from 'typebox'
import type { CreateEndpointRequest } from '../docker-plugin/network-driver-messages.ts'
import { idOrName, readSecurityGroups } from '../ownership/access-options.ts'
import type { Named } from '../ownership/named.ts'
import { ownOptions, shortText, uuidText } from '../ownership/own-options.ts'

/** Which port is meant: one that the operator made. */
export const PORT_ID_OPTION = 'kuryr.port.id'

export const PORT_NAME_OPTION = 'kuryr.port.name'

/** In place of the network's groups. */
export const PORT_SECURITY_GROUPS_OPTION = 'kuryr.port.security_groups'

export const PORT_QOS_POLICY_OPTION = 'kuryr.port.qos_policy'

/** Ours: driver options of one endpoint (`docker network connect --driver-opt …`, `--network name=…,driver-opt=…`). */
const EndpointOptions = Type.Object({
  [PORT_ID_OPTION]: Type.Optional(uuidText('the id (UUID) of a port')),
  [PORT_NAME_OPTION]: Type.Optional(shortText('a name of 1 to 255 characters')),
  [PORT_SECURITY_GROUPS_OPTION]: Type.Optional(Type.String()),
  [PORT_QOS_POLICY_OPTION]: Type.Optional(shortText('the id or name of a QoS policy')),
})

/** What a user wants of one endpoint's port. */
export interface WantedPort {
  id: string | undefined
  name: string | undefined
  /** `undefined`: the network's. */
  securityGroups: Named[] | undefined
  qosPolicy: Named | undefined
}

/**
 * Reads an endpoint's driver options.
 *
 * @throws {RangeError} naming the option, what came and what was expected; for an unknown option `kuryr.…` too.
 */
export function readEndpointOptions({ Options }: CreateEndpointRequest): WantedPort {
  const options = ownOptions(EndpointOptions, /^kuryr\./, Options)
  const groups = options[PORT_SECURITY_GROUPS_OPTION]
  const policy = options[PORT_QOS_POLICY_OPTION]
  return {
    id: options[PORT_ID_OPTION]?.toLowerCase(),
    name: options[PORT_NAME_OPTION],
    securityGroups: groups === undefined ? undefined : readSecurityGroups(PORT_SECURITY_GROUPS_OPTION, groups),
    qosPolicy: policy === undefined ? undefined : idOrName(policy),
  }
}
