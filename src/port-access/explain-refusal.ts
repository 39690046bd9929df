import { PluginError } from '../docker-plugin/plugin-error.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'

/** Without the last our forwardings could not be told from the operator's. */
const NEEDED = ['router', 'floating-ip-port-forwarding', 'floating-ip-port-forwarding-description']

/** What Neutron's refusal to publish a port means to Docker's user, and what to do about it. */
export async function explainRefusal(
  { neutron }: { neutron: Pick<Neutron, 'extensions'> },
  error: NeutronError,
  call: Call,
): Promise<Error> {
  if (error.status >= 500 || error.status === 401) return error
  const options = { cause: error }
  if (error.type === 'OverQuota') {
    return new PluginError(
      409,
      `cannot publish ports: ${error.message}: raise the project's quota (openstack quota set --floating-ips), or name a floating IP by kuryr.publish.floating_ip`,
      options,
    )
  }
  if (error.type === 'PolicyNotAuthorized') {
    return new PluginError(409, `cannot publish ports: Neutron does not let this user: ${error.message}`, options)
  }
  const missing = await missingExtensions(neutron, call)
  if (missing.length > 0) {
    return new PluginError(
      409,
      `cannot publish ports: Neutron lacks ${missing.join(', ')}: its operator adds router and port_forwarding to service_plugins`,
      options,
    )
  }
  return new PluginError(409, `cannot publish ports: ${error.message}`, options)
}

async function missingExtensions(neutron: Pick<Neutron, 'extensions'>, call: Call): Promise<string[]> {
  try {
    const there = new Set((await neutron.extensions(call)).map(({ alias }) => alias))
    return NEEDED.filter(alias => !there.has(alias))
  } catch (error) {
    // Then the first refusal is all that there is to say.
    if (error instanceof NeutronError) return []
    throw error
  }
}
