import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { AccessServices } from '../neutron/access.ts'
import { isNotFound, NeutronError } from '../neutron/errors.ts'
import type { Call } from '../neutron/neutron.ts'
import type { PortUpdate } from '../neutron/requests.ts'
import type { Port } from '../neutron/resources.ts'
import type { Named } from '../ownership/named.ts'
import { needOpenStack } from '../ownership/network-access.ts'
import type { NetworkContext } from './context.ts'
import {
  PORT_NAME_OPTION,
  PORT_QOS_POLICY_OPTION,
  PORT_SECURITY_GROUPS_OPTION,
  type WantedPort,
} from './endpoint-options.ts'

/** What an endpoint's options set on its port, by the request that binds it. */
export type PortSettings = Pick<PortUpdate, 'name' | 'security_groups' | 'qos_policy_id'>

const OPTION_OF = {
  name: PORT_NAME_OPTION,
  security_groups: PORT_SECURITY_GROUPS_OPTION,
  qos_policy_id: PORT_QOS_POLICY_OPTION,
} as const satisfies Record<keyof PortSettings, string>

/**
 * The settings with all names looked up: ids cost no request, nor do names that were looked up within five minutes.
 *
 * @throws {RangeError} for a name that is not there or is ambiguous, and where the network service cannot do it.
 */
export async function portSettings(
  { access, names }: NetworkContext,
  { name, securityGroups, qosPolicy }: WantedPort,
  call: Call,
): Promise<PortSettings> {
  const settings: PortSettings = name === undefined ? {} : { name }
  if (securityGroups) {
    const service = needOpenStack(access, PORT_SECURITY_GROUPS_OPTION)
    const search = { kind: 'security group', option: PORT_SECURITY_GROUPS_OPTION, access: service }
    const found = await names.idsOf({ ...search, collection: service.securityGroups }, securityGroups, call)
    settings.security_groups = [...new Set(found)]
  }
  if (qosPolicy) {
    settings.qos_policy_id = await policyId(needOpenStack(access, PORT_QOS_POLICY_OPTION), { names, qosPolicy }, call)
  }
  return settings
}

async function policyId(
  access: AccessServices,
  { names, qosPolicy }: Pick<NetworkContext, 'names'> & { qosPolicy: Named },
  call: Call,
): Promise<string> {
  const search = { kind: 'QoS policy', option: PORT_QOS_POLICY_OPTION, access, collection: access.qosPolicies }
  try {
    const [id = ''] = await names.idsOf(search, [qosPolicy], call)
    return id
  } catch (error) {
    throw isNotFound(error) ? noQos(error) : error
  }
}

/** The operator's own port is never changed. @throws {PluginError} 409 */
export function refuseSettings(port: Port, settings: PortSettings): void {
  const [setting] = settingsIn(settings)
  if (setting === undefined) return
  throw new PluginError(
    409,
    `option ${OPTION_OF[setting]} cannot be used with port ${port.id}, which was made in Neutron for this container and is not changed: leave the option out, and set ${setting} of that port in Neutron`,
  )
}

/** What the port had before. */
export function settingsBefore(port: Port, settings: PortSettings): PortSettings {
  const { name, security_groups, qos_policy_id = null } = port
  const before = { name, security_groups, qos_policy_id }
  return Object.fromEntries(settingsIn(settings).map(setting => [setting, before[setting]]))
}

/** Neutron's refusal of the settings, with the option that it is about. */
export function explainSettings(error: unknown, settings: PortSettings): unknown {
  if (!(error instanceof NeutronError)) return error
  const about = (option: string): NeutronError =>
    new NeutronError(error.type, `option ${option}: ${error.message}`, { cause: error })
  if (settings.security_groups && /security.?group/i.test(`${error.type} ${error.message}`)) {
    return about(PORT_SECURITY_GROUPS_OPTION)
  }
  if (settings.qos_policy_id === undefined) return error
  if (error.status === 400 && error.message.includes('qos_policy_id')) return noQos(error)
  return /qos/i.test(`${error.type} ${error.message}`) ? about(PORT_QOS_POLICY_OPTION) : error
}

/** Whether it was refused because something that was named is not there, or not any more. */
export function saysNamedIsGone(error: unknown): boolean {
  return error instanceof NeutronError && ['SecurityGroupNotFound', 'QosPolicyNotFound'].includes(error.type)
}

function settingsIn(settings: PortSettings): (keyof PortSettings)[] {
  return (['name', 'security_groups', 'qos_policy_id'] as const).filter(setting => settings[setting] !== undefined)
}

function noQos(cause: NeutronError): RangeError {
  return new RangeError(
    `option ${PORT_QOS_POLICY_OPTION} needs Neutron's extension qos, which this Neutron does not have: leave the option out, or load its service plugin and extension driver qos`,
    { cause },
  )
}
