import type { Link } from '../host-network/link-ops.ts'

const mark = 'kuryr:'

/** The alias that a port's link on the host carries: its name has only a part of the port's id. */
export function portRemark(portId: string): string {
  return `${mark}${portId}`
}

/**
 * The port that a link is of, by its alias.
 * @param nameOf the name that the link of a port has: the alias alone could be anybody's
 */
export function portIdOf({ alias, name }: Link, nameOf: (portId: string) => string): string | undefined {
  const id = alias?.startsWith(mark) === true ? alias.slice(mark.length) : ''
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
  return isId && nameOf(id) === name ? id : undefined
}
