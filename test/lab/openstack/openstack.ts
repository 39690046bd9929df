import { addressOf, freePort, type ServicePlace } from './service-place.ts'
import { KeystoneServer } from './keystone-server.ts'
import type { NeutronSettings } from './neutron-configuration.ts'
import { NeutronServer, type NeutronPlan } from './neutron-server.ts'
import { provideDebianPackages } from './openstack-packages.ts'

/** What an OpenStack is made of; every part has a default. */
export interface OpenStackOptions extends Omit<NeutronSettings, 'keystoneUrl'>, Pick<NeutronPlan, 'agents'> {
  place: ServicePlace
  /** Whether there is a Keystone, or nobody needs a token; true if absent. */
  keystone?: boolean
  /** TCP ports; free ones of loopback if absent. */
  ports?: { neutron: number; keystone: number }
  /** Seconds that a token lives; 3600 if absent. */
  tokenLifetime?: number
  /** What the catalogue says of Neutron, for example the address of a proxy; Neutron's own if absent. */
  neutronUrl?: string
}

/**
 * A real neutron-server, and a real Keystone with the users that `keystone-content.ts` tells. `await using` stops them at
 * the end of the block.
 */
export class OpenStack implements AsyncDisposable {
  readonly neutron: NeutronServer
  readonly keystone: KeystoneServer | undefined

  constructor(neutron: NeutronServer, keystone: KeystoneServer | undefined) {
    this.neutron = neutron
    this.keystone = keystone
  }

  /** Stops both; what they wrote stays in their directory. */
  async stop(): Promise<void> {
    await Promise.all([this.neutron.stop(), this.keystone?.stop()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/**
 * Installs Debian's packages if they are missing, starts Neutron and Keystone and returns when both answer: some 6 s, at
 * the first time on a machine some 90 s. Many can run side by side, each in a directory of its own.
 */
export async function startOpenStack(options: OpenStackOptions): Promise<OpenStack> {
  await provideDebianPackages()
  const { place, keystone: withKeystone = true, ports, tokenLifetime, neutronUrl, ...settings } = options
  const neutronPort = ports?.neutron ?? (await freePort())
  const ownUrl = `http://${addressOf(place)}:${neutronPort}`
  const keystonePort = ports?.keystone ?? (await freePort())
  const [keystone, neutron] = await bothOrNone(
    withKeystone &&
      KeystoneServer.start({
        place,
        port: keystonePort,
        neutronUrl: neutronUrl ?? ownUrl,
        ...(tokenLifetime !== undefined && { tokenLifetime }),
      }),
    NeutronServer.start({
      ...settings,
      place,
      port: neutronPort,
      ...(withKeystone && { keystoneUrl: `http://${addressOf(place)}:${keystonePort}/v3` }),
    }),
  )
  return new OpenStack(neutron, keystone)
}

/** If one does not start, the other is stopped. */
async function bothOrNone(
  keystone: Promise<KeystoneServer> | false,
  neutron: Promise<NeutronServer>,
): Promise<[KeystoneServer | undefined, NeutronServer]> {
  const [first, second] = await Promise.allSettled([keystone, neutron])
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value || undefined, second.value]
  if (first.status === 'fulfilled' && first.value !== false) await first.value.stop()
  if (second.status === 'fulfilled') await second.value.stop()
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason
}
