import type { Query } from '../../neutron/neutron.ts'

/** A parameter's values as text: of one value, of several, of none. */
export function valuesOf(value: Query[string]): string[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value.map(String) : [String(value)]
}
