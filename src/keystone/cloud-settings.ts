import { cloudFromFiles, type CloudWorld, mapping } from './clouds-file.ts'

/** keystoneauth's options by their names, as texts; `verify` is clouds.yaml's. */
export type CloudSettings = Readonly<Record<string, string | undefined>>

/** Names of clouds.yaml and of variables that have another one in keystoneauth. */
const SYNONYMS: Readonly<Record<string, string>> = {
  cacert: 'cafile',
  cert: 'certfile',
  key: 'keyfile',
  endpoint_type: 'interface',
  network_endpoint_override: 'endpoint_override',
  api_timeout: 'timeout',
  tenant_name: 'project_name',
  tenant_id: 'project_id',
  user_name: 'username',
  auth_plugin: 'auth_type',
}

/** Variables that choose a cloud or a file, or are this program's own; they describe no cloud. */
const NO_SETTING = /^OS_(CLOUD|CLOUD_NAME|CLIENT_\w+|KURYR_\w+|[A-Z]+__\w*)$/

/** openstacksdk's name of the cloud that the environment describes. */
const ENVIRONMENT_CLOUD = 'envvars'

/**
 * The settings of a cloud as openstacksdk reads them: of the entry `cloud` (else the one that OS_CLOUD names) in
 * clouds.yaml; without a name, those of the variables OS_AUTH_URL, OS_USERNAME … themselves.
 *
 * @throws {OpenStackError} `misconfigured` when the named cloud is nowhere
 */
export function cloudSettings(cloud: string | undefined, world: CloudWorld): CloudSettings {
  const name = cloud ?? world.env.OS_CLOUD ?? ''
  if (name === '' || name === (world.env.OS_CLOUD_NAME ?? ENVIRONMENT_CLOUD)) return fromEnvironment(world)
  const { auth, regions, ...rest } = cloudFromFiles(name, world)
  const [region] = Array.isArray(regions) ? (regions as unknown[]) : []
  const regionName = typeof region === 'string' ? region : mapping(region).name
  return renamed({ ...(regionName !== undefined && { region_name: regionName }), ...rest, ...mapping(auth) })
}

function fromEnvironment({ env }: CloudWorld): CloudSettings {
  const variables = Object.entries(env).filter(([name]) => name.startsWith('OS_') && !NO_SETTING.test(name))
  return renamed(Object.fromEntries(variables.map(([name, value]) => [name.slice('OS_'.length).toLowerCase(), value])))
}

function renamed(settings: Readonly<Record<string, unknown>>): CloudSettings {
  const result: Record<string, string> = {}
  for (const [key, value] of Object.entries(settings)) {
    const name = key.replaceAll('-', '_')
    if (['string', 'number', 'boolean'].includes(typeof value) && value !== '') {
      result[SYNONYMS[name] ?? name] = String(value)
    }
  }
  return result
}
