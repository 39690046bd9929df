import { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import type { RetryLater } from '../concurrency/retry-later.ts'
import type { AccessServices } from '../neutron/access.ts'
import type { Neutron } from '../neutron/neutron.ts'
import { KnownAddresses } from './known-addresses.ts'

/** The port forwardings of one endpoint. */
export interface EndpointForwardings {
  floatingIpId: string
  forwardingIds: string[]
}

/** What publishing and withdrawing ports work with. */
export interface PublishingContext {
  neutron: Pick<Neutron, 'ports' | 'extensions'>
  access: Pick<AccessServices, 'floatingIps' | 'portForwardings' | 'routers'>
  /** This host's name, for the marks. */
  host: string
  /** Goes on with what must be taken back and cannot be now. */
  later: RetryLater
  addresses: KnownAddresses
  /** By Docker network: containers that start at once shall not allocate two floating IPs. */
  allocations: KeyedMutex
  /** By endpoint: what was published here, to withdraw it without a question. */
  published: Map<string, EndpointForwardings>
}

/** Nothing is published yet. */
export function openPublishing(
  parts: Pick<PublishingContext, 'neutron' | 'access' | 'host' | 'later'>,
): PublishingContext {
  return { ...parts, addresses: new KnownAddresses(), allocations: new KeyedMutex(), published: new Map() }
}
