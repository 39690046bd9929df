import { containsAddress, isHostAddress, parseCidr } from '../../addressing/cidr.ts'
import { formatIpAddress, type IpAddress } from '../../addressing/ip-address.ts'
import { NeutronError } from '../../neutron/errors.ts'
import type { FixedIpRequest } from '../../neutron/requests.ts'
import type { FixedIp, Subnet } from '../../neutron/resources.ts'
import { invalidInput } from '../bodies/body-reader.ts'
import type { ServiceContext } from '../context.ts'
import { addressAttribute, invalidOperation } from '../refusals.ts'
import { keys } from '../keys.ts'
import { kinds } from '../resource-kind.ts'
import type { PlanView } from '../writes/commit.ts'
import type { ReservedAddresses } from './reserved-addresses.ts'

/** Neutron's `max_fixed_ips_per_port`. */
const mostFixedIps = 5

interface Choice {
  context: ServiceContext
  view: PlanView
  networkId: string
  /** What the port has now. */
  current: readonly FixedIp[]
  reserved: ReservedAddresses
}

/** An address of the port-to-be: kept, asked for, or chosen by the service. */
export interface ChosenAddress {
  subnet: Subnet
  fixedIp: FixedIp
  origin: 'kept' | 'asked' | 'chosen'
}

/**
 * The addresses of a port, as asked for; what it has and may keep it keeps.
 * @param wanted left out: one of the first IPv4 subnet that has one left, and one of each IPv6 subnet
 * @throws NeutronError InvalidInput, InvalidIpForSubnet, InvalidIpForNetwork, IpAddressAlreadyAllocated, IpAddressGenerationFailure, …
 */
export function chooseAddresses(choice: Choice, wanted: readonly FixedIpRequest[] | undefined): ChosenAddress[] {
  if (!wanted) return defaultAddresses(choice)
  if (wanted.length > mostFixedIps) {
    throw invalidOperation(
      `Exceeded maximum amount of fixed ips per port: ${wanted.length} asked for, ${mostFixedIps} are the most`,
    )
  }
  const named = wanted.map(request => (request.ip_address === undefined ? undefined : askedAddress(choice, request)))
  checkOnce(named)
  const kept = new Set(named.flatMap(chosen => (chosen?.origin === 'kept' ? [chosen.fixedIp.ip_address] : [])))
  return wanted.map((request, at) => named[at] ?? anyAddress(choice, subnetOf(choice, request), kept))
}

function defaultAddresses(choice: Choice): ChosenAddress[] {
  const subnets = subnetsOf(choice)
  const v4 = subnets.filter(subnet => subnet.ip_version === 4)
  const v6 = subnets.filter(subnet => subnet.ip_version === 6)
  const chosen = v6.map(subnet => allocate(choice, subnet))
  if (v4.length === 0) return chosen
  const withRoom = v4.find(subnet => candidate(choice, subnet) !== undefined)
  if (!withRoom) throw exhausted(choice, v4)
  return [allocate(choice, withRoom), ...chosen]
}

function askedAddress(choice: Choice, request: FixedIpRequest): ChosenAddress {
  const asked = addressAttribute('fixed_ips', request.ip_address ?? '')
  const text = formatIpAddress(asked)
  const subnet = request.subnet_id === undefined ? subnetHolding(choice, asked) : subnetOf(choice, request)
  if (!isHostAddress(parseCidr(subnet.cidr), asked)) {
    const message = `IP address ${text} is not a valid IP for the specified subnet.`
    throw new NeutronError('InvalidIpForSubnet', message, { detail: `Subnet ${subnet.id} is ${subnet.cidr}.` })
  }
  const fixedIp = { subnet_id: subnet.id, ip_address: text }
  if (choice.current.some(has => has.subnet_id === subnet.id && has.ip_address === text))
    return { subnet, fixedIp, origin: 'kept' }
  const holder = choice.view.tables.addresses.holder(subnet.id, text)
  if (holder === undefined) return { subnet, fixedIp, origin: 'asked' }
  throw new NeutronError('IpAddressAlreadyAllocated', `IP address ${text} already allocated in subnet ${subnet.id}`, {
    detail: `Port ${holder} has it.`,
  })
}

function anyAddress(choice: Choice, subnet: Subnet, kept: Set<string>): ChosenAddress {
  const has = choice.current.find(fixed => fixed.subnet_id === subnet.id && !kept.has(fixed.ip_address))
  if (!has) return allocate(choice, subnet)
  kept.add(has.ip_address)
  return { subnet, fixedIp: has, origin: 'kept' }
}

function allocate(choice: Choice, subnet: Subnet): ChosenAddress {
  const address = candidate(choice, subnet)
  if (address === undefined) throw exhausted(choice, [subnet])
  choice.reserved.add(subnet.id, address)
  return { subnet, fixedIp: { subnet_id: subnet.id, ip_address: address }, origin: 'chosen' }
}

/** In order at first; after a conflict anywhere, so that hosts that race each other part. */
function candidate({ context, view }: Choice, subnet: Subnet): string | undefined {
  const allocator = view.tables.addresses.allocator(subnet)
  return view.attempt === 0 ? allocator.next() : allocator.anywhere(context.random)
}

function exhausted({ view, networkId }: Choice, subnets: readonly Subnet[]): NeutronError {
  const detail = subnets.map(subnet => {
    const { size, taken } = view.tables.addresses.allocator(subnet).fill
    return `subnet ${subnet.id} (${subnet.cidr}): ${taken} of ${size} addresses of its allocation pools are in use`
  })
  const message = `No more IP addresses available on network ${networkId}: ${detail.join('; ')}.`
  return new NeutronError('IpAddressGenerationFailure', message)
}

function subnetOf({ view, networkId }: Choice, request: FixedIpRequest): Subnet {
  if (request.subnet_id === undefined)
    throw invalidInput('fixed_ips', "expected 'subnet_id', 'ip_address' or both in each entry")
  const subnet = view.tables.subnets.get(request.subnet_id)?.value
  if (!subnet) throw kinds.subnets.notFound(request.subnet_id)
  if (subnet.network_id === networkId) return subnet
  const what = `Failed to create port on network ${networkId}, because fixed_ips included invalid subnet ${subnet.id}`
  throw invalidOperation(what)
}

function subnetHolding(choice: Choice, address: IpAddress): Subnet {
  const subnet = subnetsOf(choice).find(({ cidr }) => containsAddress(parseCidr(cidr), address))
  if (subnet) return subnet
  const text = formatIpAddress(address)
  const message = `IP address ${text} is not a valid IP for any of the subnets on the specified network.`
  throw new NeutronError('InvalidIpForNetwork', message)
}

/** The network's subnets in the order of their making. */
function subnetsOf({ view, networkId }: Choice): Subnet[] {
  const list = view.tables.networkSubnets.get(networkId)?.value ?? []
  // A port without an address of a subnet that only this release cannot read would be wrong.
  view.tables.checkReadable(list.map(({ id }) => keys.subnet(id)))
  return list.flatMap(({ id }) => view.tables.subnets.get(id)?.value ?? [])
}

function checkOnce(chosen: readonly (ChosenAddress | undefined)[]): void {
  const addresses = chosen.flatMap(one => one?.fixedIp.ip_address ?? [])
  const twice = addresses.find((address, at) => addresses.indexOf(address) !== at)
  if (twice !== undefined) throw invalidInput('fixed_ips', `Duplicate IP address '${twice}'`)
}
