import { type Cidr, containsAddress, formatCidr, isHostAddress } from '../../addressing/cidr.ts'
import { formatIpAddress, type IpAddress, parseIpAddress } from '../../addressing/ip-address.ts'
import { NeutronError } from '../../neutron/errors.ts'
import type { AllocationPool } from '../../neutron/resources.ts'

interface Span {
  start: bigint
  end: bigint
}

/** All addresses of `cidr` that a port may have, without the gateway: what Neutron takes when no pools are asked for. */
export function defaultAllocationPools(cidr: Cidr, gateway: string | null): AllocationPool[] {
  if (cidr.first === cidr.last) return [poolOf(cidr, { start: cidr.first, end: cidr.last })]
  const start = cidr.first + 1n
  const end = cidr.version === 4 ? cidr.last - 1n : cidr.last
  if (start > end) return []
  const gap = gateway === null ? undefined : parseIpAddress(gateway).value
  const around = gap !== undefined && gap >= start && gap <= end
  const spans = around
    ? [
        { start, end: gap - 1n },
        { start: gap + 1n, end },
      ]
    : [{ start, end }]
  return spans.filter(span => span.start <= span.end).map(span => poolOf(cidr, span))
}

/**
 * The pools asked for, in canonical form and sorted.
 * @throws NeutronError InvalidAllocationPool, OutOfBoundsAllocationPool, OverlappingAllocationPools
 */
export function checkedAllocationPools(cidr: Cidr, pools: readonly AllocationPool[]): AllocationPool[] {
  const checked = pools.map(pool => checkedSpan(cidr, pool)).sort((a, b) => (a.start < b.start ? -1 : 1))
  for (const [at, span] of checked.entries()) {
    const next = checked[at + 1]
    if (!next || next.start > span.end) continue
    const both = `${poolText(poolOf(cidr, span))} ${poolText(poolOf(cidr, next))}`
    const message = `Found overlapping allocation pools: ${both} for subnet ${formatCidr(cidr)}.`
    throw new NeutronError('OverlappingAllocationPools', message)
  }
  return checked.map(span => poolOf(cidr, span))
}

/** @throws NeutronError GatewayConflictWithAllocationPools when a port could be given the gateway's address */
export function checkGatewayOutsidePools(gateway: string | null, pools: readonly AllocationPool[]): void {
  if (gateway === null) return
  const { version, value } = parseIpAddress(gateway)
  const pool = pools.find(({ start, end }) => {
    const first = parseIpAddress(start)
    return first.version === version && value >= first.value && value <= parseIpAddress(end).value
  })
  if (!pool) return
  const message = `Gateway ip ${gateway} conflicts with allocation pool ${poolText(pool)}.`
  throw new NeutronError('GatewayConflictWithAllocationPools', message)
}

function checkedSpan(cidr: Cidr, pool: AllocationPool): Span {
  const [start, end] = [endOf(pool, pool.start), endOf(pool, pool.end)]
  if (start.version !== cidr.version || end.version !== cidr.version || end.value < start.value) throw invalid(pool)
  const within = containsAddress(cidr, start) && containsAddress(cidr, end)
  if (!within || !isHostAddress(cidr, start) || !isHostAddress(cidr, end)) {
    const message = `The allocation pool ${poolText(pool)} spans beyond the subnet cidr ${formatCidr(cidr)}.`
    throw new NeutronError('OutOfBoundsAllocationPool', message)
  }
  return { start: start.value, end: end.value }
}

function endOf(pool: AllocationPool, text: string): IpAddress {
  try {
    return parseIpAddress(text)
  } catch (error) {
    throw invalid(pool, error)
  }
}

function invalid(pool: AllocationPool, cause?: unknown): NeutronError {
  return new NeutronError('InvalidAllocationPool', `The allocation pool ${poolText(pool)} is not valid.`, { cause })
}

function poolOf({ version }: Cidr, { start, end }: Span): AllocationPool {
  return { start: formatIpAddress({ version, value: start }), end: formatIpAddress({ version, value: end }) }
}

function poolText(pool: AllocationPool): string {
  return `${pool.start}-${pool.end}`
}
