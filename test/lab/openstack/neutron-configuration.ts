import { cp, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { addressOf, fileIn, type ServicePlace } from './service-place.ts'

/** How a neutron-server is set up. */
export interface NeutronSettings {
  /** Keystone's URL (`http://host:port/v3`), by which tokens are checked; without it nobody needs a token. */
  keystoneUrl?: string
  /** oslo.messaging's `transport_url`, such as `rabbit://guest:guest@10.9.0.1:5672/`; `fake://` if absent: no agents. */
  transportUrl?: string
  /**
   * SQLAlchemy's URL of the database. If absent, SQLite in the place's directory, which serves well with `fake://` only:
   * with agents, who write too, it answers "database is locked" now and then. Another database is filled by
   * neutron-db-manage when the server starts; it must exist.
   */
  database?: string
  /** Whether that database has Neutron's tables already. */
  databaseIsFilled?: boolean
  /** ML2's `mechanism_drivers`; linuxbridge and openvswitch if absent. */
  mechanismDrivers?: readonly string[]
  /** ML2's `extension_drivers`; port_security if absent. */
  extensionDrivers?: readonly string[]
  /** `service_plugins` beside those that are always there (tags, revisions, timestamps); none if absent. */
  servicePlugins?: readonly string[]
  /** Whether it has the extension `tag-creation`, which Neutron has since 2024.2; Debian 12's has not. */
  tagCreation?: boolean
  /** More lines of neutron.conf and of ml2.ini, as text with section headings. */
  moreNeutronConf?: string
  moreMl2Ini?: string
  /** Whether it logs at level DEBUG. */
  debug?: boolean
}

/** The files to give to neutron-server with `--config-file`. */
export async function configureNeutron(
  place: ServicePlace,
  port: number,
  settings: NeutronSettings,
): Promise<{ files: string[]; database: string }> {
  const neutronConf = await fileIn(place, 'neutron', 'neutron.conf')
  const ml2Ini = await fileIn(place, 'neutron', 'ml2.ini')
  const directory = path.dirname(neutronConf)
  await fileIn(place, 'neutron', 'lock', '-')
  const extensions = path.join(directory, 'extensions')
  if (settings.tagCreation)
    await cp(path.join(import.meta.dirname, 'neutron-extensions'), extensions, { recursive: true })
  const database = settings.database ?? `sqlite:///${directory}/neutron.sqlite`
  await writeFile(neutronConf, neutronText({ directory, address: addressOf(place), port, database, settings }))
  await writeFile(ml2Ini, ml2Text(settings))
  return { files: [neutronConf, ml2Ini], database }
}

function neutronText({
  directory,
  address,
  port,
  database,
  settings,
}: {
  directory: string
  address: string
  port: number
  database: string
  settings: NeutronSettings
}): string {
  return `[DEFAULT]
debug = ${settings.debug ?? false}
auth_strategy = ${settings.keystoneUrl === undefined ? 'noauth' : 'keystone'}
core_plugin = ml2
service_plugins = ${(settings.servicePlugins ?? []).join(',')}
bind_host = ${address}
bind_port = ${port}
# The API in one process, and the least of others.
api_workers = 0
rpc_workers = 0
rpc_state_report_workers = 0
dhcp_agent_notification = false
transport_url = ${settings.transportUrl ?? 'fake://'}
state_path = ${directory}
api_extensions_path = ${settings.tagCreation ? path.join(directory, 'extensions') : ''}
api_paste_config = /usr/share/neutron-common/api-paste.ini
use_stderr = true
logging_default_format_string = %(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(message)s
logging_context_format_string = %(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [%(request_id)s] %(message)s
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
[database]
connection = ${database}
[oslo_concurrency]
lock_path = ${directory}/lock
[experimental]
linuxbridge = true
[quotas]
${['network', 'subnet', 'subnetpool', 'port', 'security_group', 'security_group_rule', 'router', 'floatingip'].map(kind => `quota_${kind} = -1`).join('\n')}
${settings.keystoneUrl === undefined ? '' : keystoneText(settings.keystoneUrl)}
${settings.moreNeutronConf ?? ''}
`
}

function keystoneText(url: string): string {
  const base = url.replace(/\/v3$/, '')
  return `[keystone_authtoken]
www_authenticate_uri = ${base}
auth_url = ${base}
auth_type = password
username = neutron
password = neutron
project_name = service
user_domain_id = default
project_domain_id = default
`
}

function ml2Text(settings: NeutronSettings): string {
  return `[ml2]
type_drivers = flat,vxlan,local
tenant_network_types = vxlan
mechanism_drivers = ${(settings.mechanismDrivers ?? ['linuxbridge', 'openvswitch']).join(',')}
extension_drivers = ${(settings.extensionDrivers ?? ['port_security']).join(',')}
[ml2_type_flat]
flat_networks = physnet1
[ml2_type_vxlan]
vni_ranges = 1:1000
[securitygroup]
enable_security_group = true
${settings.moreMl2Ini ?? ''}
`
}
