/** A resource that the user named: by id, or by a name that must be unambiguous. */
export type Named = { id: string } | { name: string }

/** `uuid 1f2e…` or `name blue`, for messages. */
export function describeNamed(named: Named): string {
  return 'id' in named ? `uuid ${named.id}` : `name ${JSON.stringify(named.name)}`
}
