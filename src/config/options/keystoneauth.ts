import { httpUrl } from '../address-types.ts'
import { option, optional } from '../option.ts'
import { boolean, listOf, path, text, wholeNumber } from '../value-types.ts'

const upstream = { upstream: true }
const secret = { ...upstream, secret: true }
const unsupported = {
  ...upstream,
  withoutEffect: 'this version logs in by password, token or application credential',
}
const diagnostic = { ...upstream, withoutEffect: '`debug` logs each call with its time' }

/**
 * The options that keystoneauth registers in upstream's `[neutron]`: its session's and those of its password, token,
 * application credential and OpenID Connect plugins.
 */
export const keystoneauthOptions = {
  auth_type: optional(
    text,
    'Way to log in: `password`, `token`, `v3applicationcredential`, or `none` (with `endpoint`).',
    {
      ...upstream,
      aliases: ['auth_plugin'],
    },
  ),
  auth_section: optional(text, 'Section of this file to read the log-in options from, in place of `[neutron]`.', {
    upstream: true,
  }),
  endpoint: optional(httpUrl, 'Address of Neutron with `auth_type = none`, where no Keystone tells it.', upstream),
  endpoint_override: optional(httpUrl, 'Address of Neutron, in place of the one in Keystone’s catalogue.', upstream),
  auth_url: optional(httpUrl, 'Address of Keystone.', upstream),
  username: optional(text, 'User’s name.', { ...upstream, aliases: ['user_name'] }),
  user_id: optional(text, 'User’s id.', upstream),
  password: optional(text, 'User’s password.', secret),
  user_domain_name: optional(text, 'Name of the user’s domain.', upstream),
  user_domain_id: optional(text, 'Id of the user’s domain.', upstream),
  project_name: optional(text, 'Project’s name.', { ...upstream, aliases: ['tenant_name'] }),
  project_id: optional(text, 'Project’s id.', { ...upstream, aliases: ['tenant_id'] }),
  project_domain_name: optional(text, 'Name of the project’s domain.', upstream),
  project_domain_id: optional(text, 'Id of the project’s domain.', upstream),
  default_domain_name: optional(text, 'Name of the domain of user and project unless said otherwise.', upstream),
  default_domain_id: optional(text, 'Id of the domain of user and project unless said otherwise.', upstream),
  domain_name: optional(text, 'Name of the domain to act in.', upstream),
  domain_id: optional(text, 'Id of the domain to act in.', upstream),
  system_scope: optional(text, 'Scope of system operations.', upstream),
  trust_id: optional(text, 'Id of a trust.', upstream),
  token: optional(text, 'Token to log in with.', secret),
  application_credential_id: optional(text, 'Id of an application credential.', upstream),
  application_credential_name: optional(text, 'Name of an application credential.', upstream),
  application_credential_secret: optional(text, 'Secret of the application credential.', secret),
  passcode: optional(text, 'One-time passcode.', secret),
  auth_methods: optional(listOf(text), 'Methods of `v3multifactor`.', unsupported),
  identity_provider: optional(text, 'Identity provider’s name.', unsupported),
  protocol: optional(text, 'Protocol of the identity provider.', unsupported),
  client_id: optional(text, 'OAuth 2.0 client’s id.', unsupported),
  client_secret: optional(text, 'OAuth 2.0 client’s secret.', { ...unsupported, secret: true }),
  openid_scope: optional(text, 'Scopes asked of the identity provider.', unsupported),
  discovery_endpoint: optional(httpUrl, 'OpenID Connect discovery document.', unsupported),
  access_token_endpoint: optional(httpUrl, 'OpenID Connect token endpoint.', unsupported),
  access_token_type: optional(text, 'Type of the token asked for.', unsupported),
  access_token: optional(text, 'OAuth 2.0 access token.', { ...unsupported, secret: true }),
  cafile: optional(path, 'Certificates of the authorities that OpenStack’s services are checked by, PEM.', upstream),
  certfile: optional(path, 'Client certificate, PEM.', upstream),
  keyfile: optional(path, 'Key of the client certificate, PEM.', upstream),
  insecure: option(boolean, 'false', 'Do not check certificates of OpenStack’s services.', upstream),
  timeout: optional(
    wholeNumber(0, 86_400),
    'Seconds for a request to OpenStack with all its repetitions; 20 if not set or 0.',
    upstream,
  ),
  collect_timing: option(boolean, 'false', 'Measure the calls of OpenStack’s services.', diagnostic),
  split_loggers: option(boolean, 'false', 'Log requests and answers apart.', diagnostic),
}
