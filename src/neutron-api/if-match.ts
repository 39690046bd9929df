import { NeutronError } from '../neutron/errors.ts'

/**
 * The revision of `If-Match: revision_number=N` (Neutron's extension `revision-if-match`); `undefined` without the
 * header or with `*`. @throws NeutronError HTTPBadRequest for any other condition: to pass it over would change what the
 * client meant to protect.
 */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  const revision = /^\s*"?revision_number=(\d{1,15})"?\s*$/.exec(header)?.[1]
  if (revision !== undefined) return Number(revision)
  throw new NeutronError('HTTPBadRequest', `If-Match: expected revision_number=<integer>, got '${header}'`)
}
