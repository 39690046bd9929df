import { type Static, Type } from 'typebox'
import { Check } from 'typebox/value'
import type { HttpAnswer } from './http-client.ts'

const Version = Type.Object({
  id: Type.String(),
  links: Type.Array(Type.Object({ rel: Type.String(), href: Type.String() })),
})
const NeutronVersions = Type.Object({ versions: Type.Array(Version) })
const KeystoneVersions = Type.Object({ versions: Type.Object({ values: Type.Array(Version) }) })

/** How a service writes its API's version in paths, and how in the list of its versions. */
export interface ApiVersion {
  path: RegExp
  id: RegExp
  /** Where the API is if the service does not say. */
  otherwise: string
}

export const identityV3: ApiVersion = { path: /\/v3\/?$/, id: /^v3(\.|$)/, otherwise: 'v3' }
export const networkingV2: ApiVersion = { path: /\/v2\.0\/?$/, id: /^v2\.0$/, otherwise: 'v2.0' }

/**
 * The address of a service's API of this version, without a slash at its end. An address that names the version is taken
 * as it is; else the service is asked (`ask`). Host and port stay those of `url`: behind a proxy a service often gives
 * its inner ones.
 */
export async function discoverVersion(
  url: string,
  version: ApiVersion,
  ask: (url: string) => Promise<HttpAnswer>,
): Promise<string> {
  const bare = url.replace(/\/+$/, '')
  if (version.path.test(bare)) return bare
  const { text } = await ask(`${bare}/`)
  const href = versionsIn(text)
    .find(({ id }) => version.id.test(id))
    ?.links.find(({ rel }) => rel === 'self')?.href
  if (href === undefined || !URL.canParse(href, `${bare}/`)) return `${bare}/${version.otherwise}`
  const { pathname } = new URL(href, `${bare}/`)
  return new URL(pathname.replace(/\/+$/, ''), bare).href
}

function versionsIn(text: string): Static<typeof Version>[] {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return []
  }
  if (Check(NeutronVersions, answer)) return answer.versions
  return Check(KeystoneVersions, answer) ? answer.versions.values : []
}
