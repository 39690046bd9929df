import { isIP } from 'node:net'

/**
 * What a valid message of each method is, written a second time and by hand, to judge the schemas by. Says nothing of
 * what drivers demand beyond the form (as host bits, or that a network exists).
 */
export function isWellFormed(method: string, body: Buffer): boolean {
  const read = readJson(body)
  const check = messages[method]
  if (read === undefined || check === undefined) return false
  if (read.value === undefined) return check === anything
  return isTame(read.value, 32) && check(read.value)
}

/** Whether a message that reached a driver may have reached it. */
export function isWellFormedMessage(method: string, message: unknown): boolean {
  return messages[method]?.(message) === true
}

type Check = (value: unknown) => boolean

const utf8 = new TextDecoder('utf-8', { fatal: true })

function readJson(body: Buffer): { value: unknown } | undefined {
  try {
    if (body.length > 1024 * 1024) return undefined
    const text = utf8.decode(body)
    return { value: text.trim() === '' ? undefined : JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** No more than `levels` objects or lists in one another, and no way to a prototype. */
function isTame(value: unknown, levels: number): boolean {
  if (!isComposite(value)) return true
  if (levels === 0 || Object.hasOwn(value, '__proto__')) return false
  const own = Object.entries(value)
  const constructor: unknown = own.find(([name]) => name === 'constructor')?.[1]
  if (isComposite(constructor) && Object.hasOwn(constructor, 'prototype')) return false
  return own.every(([, inner]) => isTame(inner, levels - 1))
}

function isComposite(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const anything: Check = () => true
const isText: Check = value => typeof value === 'string'
const isFlag: Check = value => typeof value === 'boolean'
const isWhole: Check = value => Number.isInteger(value)
const isId = matching(/^[0-9a-f]{64}$|^[0-9a-z]{25}$/)
const isPoolId = matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const isMac = matching(/^([0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5})?$/)
const isSandbox: Check = value =>
  typeof value === 'string' &&
  value.startsWith('/') &&
  value.length <= 4096 &&
  !Array.from(value).some(character => character < ' ') &&
  !value.split('/').some(part => part === '.' || part === '..')
const isAddress: Check = value => value === '' || (typeof value === 'string' && !value.includes('%') && isIP(value) > 0)
const isCidr: Check = value => {
  if (value === '') return true
  const [, address = '', bits = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(typeof value === 'string' ? value : '') ?? []
  return isIP(address) > 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128)
}
const optionsOf = (check: Check): Check => either(isNull, mapOf(check))
const isOptions = optionsOf(anything)
const isIpamData = either(
  isNull,
  listOf(
    fields({ Pool: isCidr }, { AddressSpace: isText, Gateway: isCidr, AuxAddresses: either(isNull, mapOf(isCidr)) }),
  ),
)
const endpointIds = { NetworkID: isId, EndpointID: isId }
const isEndpoint = fields(endpointIds)
const isNetwork = fields({ NetworkID: isId })
const isDiscovery = fields({ DiscoveryType: isWhole })
const addresses = { IPv4Data: isIpamData, IPv6Data: isIpamData }

const messages: Readonly<Record<string, Check>> = {
  'Plugin.Activate': anything,
  'NetworkDriver.GetCapabilities': anything,
  'NetworkDriver.AllocateNetwork': fields({ NetworkID: isId }, { Options: optionsOf(isText), ...addresses }),
  'NetworkDriver.FreeNetwork': isNetwork,
  'NetworkDriver.CreateNetwork': fields({ NetworkID: isId }, { Options: isOptions, ...addresses }),
  'NetworkDriver.DeleteNetwork': isNetwork,
  'NetworkDriver.CreateEndpoint': fields(endpointIds, {
    Interface: either(isNull, fields({}, { Address: isCidr, AddressIPv6: isCidr, MacAddress: isMac })),
    Options: isOptions,
  }),
  'NetworkDriver.EndpointOperInfo': isEndpoint,
  'NetworkDriver.DeleteEndpoint': isEndpoint,
  'NetworkDriver.Join': fields({ ...endpointIds, SandboxKey: isSandbox }, { Options: isOptions }),
  'NetworkDriver.Leave': isEndpoint,
  'NetworkDriver.ProgramExternalConnectivity': fields(endpointIds, { Options: isOptions }),
  'NetworkDriver.RevokeExternalConnectivity': isEndpoint,
  'NetworkDriver.DiscoverNew': isDiscovery,
  'NetworkDriver.DiscoverDelete': isDiscovery,
  'NetworkDriver.GwAllocCheck': fields({}, { Options: isOptions }),
  'IpamDriver.GetCapabilities': anything,
  'IpamDriver.GetDefaultAddressSpaces': anything,
  'IpamDriver.RequestPool': fields(
    { Pool: isCidr },
    { AddressSpace: isText, SubPool: isCidr, Options: optionsOf(isText), V6: isFlag },
  ),
  'IpamDriver.ReleasePool': fields({ PoolID: isPoolId }),
  'IpamDriver.RequestAddress': fields({ PoolID: isPoolId }, { Address: isAddress, Options: optionsOf(isText) }),
  'IpamDriver.ReleaseAddress': fields({ PoolID: isPoolId, Address: isAddress }),
}

function isNull(value: unknown): boolean {
  return value === null
}

function matching(pattern: RegExp): Check {
  return value => typeof value === 'string' && pattern.test(value)
}

function either(...checks: Check[]): Check {
  return value => checks.some(check => check(value))
}

function listOf(check: Check): Check {
  return value => Array.isArray(value) && value.every(check)
}

function mapOf(check: Check): Check {
  return value => isComposite(value) && !Array.isArray(value) && Object.values(value).every(check)
}

function fields(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return value => {
    if (!isComposite(value) || Array.isArray(value)) return false
    const given = new Map(Object.entries(value))
    return (
      Object.entries(required).every(([name, check]) => given.has(name) && check(given.get(name))) &&
      Object.entries(optional).every(([name, check]) => !given.has(name) || check(given.get(name)))
    )
  }
}
