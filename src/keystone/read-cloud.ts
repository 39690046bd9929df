import type { Authentication, Cloud, Named, Scope, UserName } from './cloud.ts'
import type { CloudSettings } from './cloud-settings.ts'
import { OpenStackError } from './openstack-error.ts'

/** Milliseconds for a request where `timeout` says nothing. */
const DEFAULT_DEADLINE = 20_000

/**
 * The cloud that settings describe.
 *
 * @throws {OpenStackError} `misconfigured`, naming the option that is missing or cannot be
 */
export function readCloud(settings: CloudSettings): Cloud {
  const { interface: wanted = 'public' } = settings
  const kind = wanted.replace(/URL$/, '')
  if (kind !== 'public' && kind !== 'internal' && kind !== 'admin') {
    throw wrong('endpoint_type', 'public, internal or admin', wanted)
  }
  const auth = authentication(settings)
  const { endpoint_override, endpoint, region_name } = settings
  const neutronUrl = endpoint_override ?? (auth.method === 'none' ? endpoint : undefined)
  if (auth.method === 'none' && neutronUrl === undefined) {
    throw wrong('endpoint', "Neutron's address, for auth_type = none has no catalogue to find it in", undefined)
  }
  return {
    auth,
    region: region_name,
    interface: kind,
    neutronUrl: neutronUrl === undefined ? undefined : httpUrl('endpoint_override', neutronUrl),
    tls: {
      caFile: settings.cafile,
      certFile: settings.certfile,
      keyFile: settings.keyfile,
      insecure: isTrue(settings.insecure) || (settings.insecure === undefined && isFalse(settings.verify)),
    },
    deadline: deadline(settings.timeout),
  }
}

const PASSWORD = ['password', 'v3password', 'v3multifactor', 'v3totp']
const TOKEN = ['token', 'v3token']
const APPLICATION_CREDENTIAL = ['v3applicationcredential', 'application_credential']
const NONE = ['none', 'noauth']

function authentication(settings: CloudSettings): Authentication {
  const type = settings.auth_type ?? guessedType(settings)
  if (NONE.includes(type)) return { method: 'none' }
  const url = httpUrl('auth_url', required(settings, 'auth_url'))
  if (TOKEN.includes(type)) return { method: 'token', url, token: required(settings, 'token'), scope: scope(settings) }
  if (APPLICATION_CREDENTIAL.includes(type)) return applicationCredential(settings, url)
  if (!PASSWORD.includes(type)) {
    throw wrong('auth_type', [...PASSWORD, ...TOKEN, ...APPLICATION_CREDENTIAL, ...NONE].join(', '), type)
  }
  const { passcode } = settings
  return {
    method: 'password',
    url,
    user: user(settings),
    password: required(settings, 'password'),
    scope: scope(settings),
    ...(passcode !== undefined && { passcode }),
  }
}

function guessedType(settings: CloudSettings): string {
  if (settings.application_credential_secret !== undefined) return 'v3applicationcredential'
  return settings.token !== undefined && settings.password === undefined ? 'token' : 'password'
}

function applicationCredential(settings: CloudSettings, url: string): Authentication {
  const { application_credential_id: id, application_credential_name: name } = settings
  const secret = required(settings, 'application_credential_secret')
  if (id !== undefined) return { method: 'application_credential', url, credential: { id }, secret }
  if (name === undefined) throw missing('application_credential_id')
  return { method: 'application_credential', url, credential: { name, user: user(settings) }, secret }
}

function user(settings: CloudSettings): UserName {
  if (settings.user_id !== undefined) return { id: settings.user_id }
  return { name: required(settings, 'username'), domain: domain(settings, 'user_domain') }
}

function scope(settings: CloudSettings): Scope | undefined {
  const { trust_id, project_id, project_name, domain_id, domain_name, system_scope } = settings
  if (trust_id !== undefined) return { trust: trust_id }
  if (project_id !== undefined) return { project: { id: project_id } }
  if (project_name !== undefined) {
    return { project: { name: project_name, domain: domain(settings, 'project_domain') } }
  }
  if (domain_id !== undefined) return { domain: { id: domain_id } }
  if (domain_name !== undefined) return { domain: { name: domain_name } }
  return system_scope === undefined ? undefined : { system: system_scope }
}

function domain(settings: CloudSettings, prefix: 'user_domain' | 'project_domain'): Named {
  for (const start of [prefix, 'default_domain']) {
    const [id, name] = [settings[`${start}_id`], settings[`${start}_name`]]
    if (id !== undefined) return { id }
    if (name !== undefined) return { name }
  }
  return { id: 'default' }
}

function deadline(timeout: string | undefined): number {
  if (timeout === undefined || Number(timeout) === 0) return DEFAULT_DEADLINE
  const seconds = Number(timeout)
  if (!(seconds > 0 && seconds <= 86_400)) throw wrong('timeout', 'seconds up to 86400', timeout)
  return seconds * 1000
}

function required(settings: CloudSettings, option: string): string {
  const value = settings[option]
  if (value === undefined) throw missing(option)
  return value
}

function missing(option: string): OpenStackError {
  const todo = `set it in [neutron] of kuryr.conf, in clouds.yaml or as OS_${option.toUpperCase()}`
  return new OpenStackError('misconfigured', `${option} is missing: ${todo}`)
}

function httpUrl(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // A password in it would reach logs; keystoneauth takes none from there either.
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return text
  throw wrong(option, 'http://… or https://… without user and password', text.replace(/\/\/[^/]*@/, '//***@'))
}

function wrong(option: string, expected: string, got: string | undefined): OpenStackError {
  return new OpenStackError('misconfigured', `${option}: expected ${expected}, got ${got ?? 'nothing'}`)
}

function isTrue(text: string | undefined): boolean {
  return /^(true|1|on|yes)$/i.test(text ?? '')
}

function isFalse(text: string | undefined): boolean {
  return /^(false|0|off|no)$/i.test(text ?? '')
}
