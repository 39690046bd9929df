import { parseInterfaceAddress, type Cidr } from '../addressing/cidr.ts'
import { type IpAddress, parseIpAddress } from '../addressing/ip-address.ts'
import { NeutronError } from '../neutron/errors.ts'
import { excerpt, invalidInput } from './bodies/body-reader.ts'

/** Neutron's InvalidInput, in its words. */
export function invalidOperation(reason: string): NeutronError {
  return new NeutronError('InvalidInput', `Invalid input for operation: ${reason}.`)
}

/** The block that `text` names, host bits dropped as Neutron does. @throws NeutronError HTTPBadRequest naming `attribute` */
export function cidrAttribute(attribute: string, text: string): Cidr {
  try {
    return parseInterfaceAddress(text).cidr
  } catch {
    throw invalidInput(attribute, `${excerpt(text)} is not a valid IP subnet`)
  }
}

/** The address that `text` names. @throws NeutronError HTTPBadRequest naming `attribute` */
export function addressAttribute(attribute: string, text: string): IpAddress {
  try {
    return parseIpAddress(text)
  } catch {
    throw invalidInput(attribute, `${excerpt(text)} is not a valid IP address`)
  }
}
