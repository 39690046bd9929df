import { Believed } from '../ownership/believed.ts'
import { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import type { RetryLater } from '../concurrency/retry-later.ts'
import type { AccessServices } from '../neutron/access.ts'
import type { Neutron } from '../neutron/neutron.ts'
import type { PublicAddress } from './floating-address.ts'

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
  /** By Docker network: the floating IP that its ports are published on. */
  addresses: Believed<PublicAddress>
  /** By Docker network: containers that start at once shall not allocate two floating IPs. */
  allocations: KeyedMutex
  /** By endpoint: what was published here, to withdraw it without a question. */
  published: Map<string, EndpointForwardings>
}

/** Nothing is published yet. */
export function openPublishing(
  parts: Pick<PublishingContext, 'neutron' | 'access' | 'host' | 'later'>,
): PublishingContext {
  return { ...parts, addresses: new Believed(), allocations: new KeyedMutex(), published: new Map() }
}
