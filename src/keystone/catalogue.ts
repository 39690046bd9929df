import { type Static, Type } from 'typebox'
import { Check } from 'typebox/value'
import type { Cloud } from './cloud.ts'
import { OpenStackError } from './openstack-error.ts'

const Endpoint = Type.Object({
  interface: Type.String(),
  url: Type.String(),
  region: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  region_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})
const Service = Type.Object({ type: Type.String(), endpoints: Type.Array(Endpoint) })

/** What we read of Keystone's answer to a log-in. */
const TokenAnswer = Type.Object({
  token: Type.Object({
    issued_at: Type.String(),
    expires_at: Type.String(),
    catalog: Type.Optional(Type.Array(Service)),
    project: Type.Optional(Type.Object({ id: Type.String() })),
  }),
})

/** A service catalogue: what there is, and where. */
export type Catalogue = Static<typeof Service>[]

export interface TokenContent {
  catalogue: Catalogue
  /** Milliseconds. */
  lifetime: number
  /** The id of the project that it is for; `undefined` for another scope. */
  project: string | undefined
}

/** @throws {OpenStackError} `misconfigured` when that is no answer of Keystone v3 */
export function readTokenAnswer(text: string, url: string): TokenContent {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    answer = undefined
  }
  if (!Check(TokenAnswer, answer)) {
    throw new OpenStackError(
      'misconfigured',
      `expected Keystone's Identity API v3 at ${url}, but its answer is another`,
    )
  }
  const { issued_at, expires_at, catalog, project } = answer.token
  const lifetime = Date.parse(expires_at) - Date.parse(issued_at)
  return { catalogue: catalog ?? [], lifetime, project: project?.id }
}

/**
 * Neutron's address in the catalogue.
 *
 * @throws {OpenStackError} `misconfigured`, naming what the catalogue has instead
 */
export function neutronUrlIn(catalogue: Catalogue, { region, interface: wanted }: Cloud): string {
  const endpoints = catalogue.filter(({ type }) => type === 'network').flatMap(service => service.endpoints)
  const regionOf = (endpoint: Static<typeof Endpoint>): string => endpoint.region_id ?? endpoint.region ?? ''
  // Keystone's catalogues before v3 called them publicURL and so on.
  const found = endpoints.find(
    endpoint =>
      endpoint.interface.replace(/URL$/, '') === wanted && (region === undefined || regionOf(endpoint) === region),
  )
  if (found) return found.url
  const has = endpoints.map(endpoint => `${endpoint.interface} in ${regionOf(endpoint)}`).join(', ')
  const asked = `${wanted} endpoint of the network service${region === undefined ? '' : ` in region ${region}`}`
  throw new OpenStackError(
    'misconfigured',
    `Keystone's catalogue has no ${asked}; it has ${has || 'none at all'}: set region_name and endpoint_type in [neutron], or endpoint_override`,
  )
}
