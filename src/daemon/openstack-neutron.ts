import { homedir } from 'node:os'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LoadedConfig } from '../config/load-config.ts'
import type { LinkOps } from '../host-network/link-ops.ts'
import type { Cloud } from '../keystone/cloud.ts'
import { type CloudSettings, cloudSettings } from '../keystone/cloud-settings.ts'
import type { CloudWorld } from '../keystone/clouds-file.ts'
import { readCloud } from '../keystone/read-cloud.ts'
import { type OpenStackNeutron, openOpenStackNeutron } from '../openstack-neutron/open-openstack-neutron.ts'
import {
  type NestedOptions,
  openPortBindings,
  type PortBindings,
  type PortBindingsOptions,
} from '../port-binding/open-port-bindings.ts'
import { removeStalePlugs } from '../port-binding/remove-stale-plugs.ts'
import type { NetworkBackend } from './network-backend.ts'

/** Whether the configuration asks for OpenStack's Neutron: by `[neutron]` auth_url, auth_type or cloud, or OS_AUTH_URL. */
export function wantsOpenStack({ config }: LoadedConfig, env: CloudWorld['env']): boolean {
  const { auth_url, auth_type, cloud } = config.neutron
  return (auth_url ?? auth_type ?? cloud) !== undefined || (env.OS_AUTH_URL ?? '') !== ''
}

/**
 * The cloud that the configuration asks for: what `[neutron]` says wins over clouds.yaml and the environment.
 *
 * @throws {OpenStackError} `misconfigured`, naming what is missing or cannot be
 */
export function configuredCloud({ config, origins }: LoadedConfig, world: CloudWorld): Cloud {
  const { cloud, endpoint_type, ...options } = config.neutron
  const said = Object.entries({ ...options, endpoint_type }).filter(([name, value]) => {
    const origin = origins.neutron[name as keyof typeof origins.neutron]
    return origin.kind !== 'default' && value !== undefined
  })
  const own = Object.fromEntries(said.map(([name, value]) => [name, String(value)])) as CloudSettings
  const { endpoint_type: interfaceName, ...rest } = own
  return readCloud({
    ...cloudSettings(cloud, world),
    ...rest,
    ...(interfaceName !== undefined && { interface: interfaceName }),
  })
}

/** This process's machine. */
export function cloudWorld(): CloudWorld {
  return {
    env: process.env,
    workingDirectory: process.cwd(),
    homeDirectory: homedir(),
    readFile: path => readFileSync(path, 'utf8'),
  }
}

export interface OpenStackParts {
  loaded: LoadedConfig
  world: CloudWorld
  linkOps: LinkOps
  log: Logger
}

/**
 * OpenStack's Neutron, whose agents wire the ports that we plug. Opens at once, whether OpenStack answers or not; then,
 * behind the scenes, what an earlier daemon left plugged of ports that are no more is removed.
 *
 * @throws {OpenStackError} `misconfigured`
 */
export function openOpenStackBackend({ loaded, world, linkOps, log }: OpenStackParts): NetworkBackend {
  const neutron = openOpenStackNeutron(configuredCloud(loaded, world), log.child({ part: 'openstack' }))
  const binding = openConfiguredBindings(loaded, { neutron, linkOps })
  const closing = new AbortController()
  const host = loaded.config.DEFAULT.host
  const ready = untilAnswering(neutron, closing.signal).then(async () => {
    await removeStalePlugs({ binding, neutron, host, log }, { signal: closing.signal })
  })
  return {
    kind: 'openstack',
    neutron,
    access: neutron.access,
    binding,
    ready,
    probeStore: signal => neutron.probe({ signal }),
    storeProblem: () => undefined,
    fabricStatus: () => ({ localAddress: undefined, networks: [], problems: [] }),
    async close() {
      closing.abort()
      await ready.catch(() => undefined)
      await binding.close()
      await neutron.close()
    },
  }
}

function openConfiguredBindings(
  { config }: LoadedConfig,
  parts: { neutron: OpenStackNeutron; linkOps: LinkOps },
): PortBindings {
  const activation = activationIn(config)
  const nested = nestedIn(config)
  return openPortBindings({
    ...parts,
    ...(nested && { nested: { ...nested, neutron: parts.neutron } }),
    ovsdb: { address: config.binding.ovsdb_connection },
    ...(activation && { activation }),
  })
}

/**
 * How long a container's start waits until its port is ACTIVE: `undefined` where it does not. Upstream's timeout of 0
 * would be for ever, with Docker's lock held (R8); here the wait ends before Docker's call does.
 */
export function activationIn({ DEFAULT, neutron }: LoadedConfig['config']): PortBindingsOptions['activation'] {
  if (!neutron.vif_plugging_is_fatal) return undefined
  const { vif_plugging_timeout: timeout } = neutron
  const seconds = timeout > 0 ? timeout : DEFAULT.call_timeout * 0.8
  return { patience: seconds * 1000 }
}

/**
 * `default_port_driver` says whether this host is a VM of the cloud, `[binding] default_driver` of what kind its
 * containers' links are; `undefined` where it is none.
 *
 * @throws {Error} if the two do not go together, or `link_iface` is missing
 */
export function nestedIn({ DEFAULT, binding }: LoadedConfig['config']): Omit<NestedOptions, 'neutron'> | undefined {
  const { default_port_driver: driver } = DEFAULT
  if (driver !== 'nested' && driver !== 'vlan') return undefined
  const { default_driver: kind, link_iface: parent } = binding
  const fits = driver === 'vlan' ? kind === 'vlan' : kind === 'macvlan' || kind === 'ipvlan'
  if (!fits || (kind !== 'vlan' && kind !== 'macvlan' && kind !== 'ipvlan')) {
    const expected = driver === 'vlan' ? 'vlan' : 'macvlan or ipvlan'
    throw new Error(
      `[DEFAULT] default_port_driver is ${driver}: expected [binding] default_driver ${expected}, got ${kind}`,
    )
  }
  if (parent !== '') return { kind, parent }
  throw new Error(`[DEFAULT] default_port_driver is ${driver}: set [binding] link_iface to the VM's interface`)
}

/** Milliseconds between two looks whether OpenStack answers, at first and at most. */
const PAUSE = { first: 1000, most: 30_000 }

async function untilAnswering(neutron: OpenStackNeutron, signal: AbortSignal): Promise<void> {
  for (let pause = PAUSE.first; ; pause = Math.min(2 * pause, PAUSE.most)) {
    try {
      await neutron.probe({ signal })
      return
    } catch {
      signal.throwIfAborted()
      await delay(pause, undefined, { signal })
    }
  }
}
