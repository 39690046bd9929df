import { option, optional } from '../option.ts'
import { boolean, oneOf, text, wholeNumber } from '../value-types.ts'
import { keystoneauthOptions } from './keystoneauth.ts'

const upstream = { upstream: true }

/** The options of `[neutron]`: how networks are used, and how OpenStack's Neutron is reached. */
export const neutronOptions = {
  enable_dhcp: option(boolean, 'true', '`enable_dhcp` of the subnets that are made.', upstream),
  default_subnetpool_v4: option(
    text,
    'kuryr',
    'Name of the subnet pool that IPv4 networks made without `--subnet` take theirs from.',
    upstream,
  ),
  default_subnetpool_v6: option(
    text,
    'kuryr6',
    'Name of the subnet pool that IPv6 networks made without `--subnet` take theirs from.',
    upstream,
  ),
  vif_plugging_is_fatal: option(
    boolean,
    'false',
    'Wait until a port is ACTIVE before Docker may start the container, and fail when it does not become so.',
    upstream,
  ),
  vif_plugging_timeout: option(
    wholeNumber(0, 3600),
    '0',
    'How long to wait for that, in seconds; 0 waits as long as `call_timeout` allows.',
    upstream,
  ),
  region_name: optional(text, 'Region of Neutron in Keystone’s catalogue.', upstream),
  cloud: optional(
    text,
    'Name of the cloud in clouds.yaml (and secure.yaml) to use. What this section says besides wins over the files.',
    { environment: ['OS_CLOUD'] },
  ),
  endpoint_type: option(
    oneOf('public', 'admin', 'internal'),
    'public',
    'Which of Neutron’s addresses to use.',
    upstream,
  ),
  ...keystoneauthOptions,
}
