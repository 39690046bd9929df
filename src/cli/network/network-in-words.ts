import type { Network } from '../daemon/answers.ts'
import { shortId } from '../short-id.ts'
import { oneLine, textTable } from '../text-table.ts'

/** All that is known of a shared network, for a person. */
export function networkInWords(network: Network): string {
  const { id, name, state, origin, created, internal } = network
  const act = state === 'removing' ? 'removed' : 'made'
  const lines = [
    ['Id', id],
    ['State', `${state}; ${act} on ${origin} at ${created}`],
    ...network.subnets.map(subnet => ['Subnet', subnetInWords(subnet)]),
    ...(internal ? [['Internal', 'yes']] : []),
    ...assignments('Option', network.options),
    ...assignments('Label', network.labels),
  ]
  const facts = lines.map(([what = '', text = '']) => `  ${`${what}:`.padEnd(10)}${oneLine(text)}\n`).join('')
  return `${oneLine(name)}\n${facts}${indented(hostTable(network))}${indented(containerTable(network))}`
}

function subnetInWords({ subnet, gateway, ipRange }: Network['subnets'][number]): string {
  return [subnet, ...(ipRange ? [`ip-range ${ipRange}`] : []), ...(gateway ? [`gateway ${gateway}`] : [])].join(', ')
}

function assignments(what: string, texts: Record<string, string>): string[][] {
  return Object.entries(texts).map(([name, text]) => [what, `${name}=${text}`])
}

function hostTable({ hosts }: Network): string {
  if (hosts.length === 0) return 'on no host\n'
  return textTable(
    ['HOST', 'STATE', 'DOCKER ID', 'NOTE'],
    hosts.map(({ host, state, alive, networkId, note = '' }) => [
      host,
      alive ? state : `${state}, away`,
      shortId(networkId) || '-',
      note,
    ]),
  )
}

function containerTable({ endpoints }: Network): string {
  if (endpoints.length === 0) return 'no containers\n'
  const rows = endpoints.map(({ host, container, macAddress, addresses, endpointId }) => [
    host,
    container || '-',
    macAddress,
    addresses.join(','),
    shortId(endpointId) || '-',
  ])
  rows.sort(([host = '', name = ''], [otherHost = '', otherName = '']) =>
    host === otherHost ? name.localeCompare(otherName) : host.localeCompare(otherHost),
  )
  return textTable(['HOST', 'CONTAINER', 'MAC', 'ADDRESSES', 'ENDPOINT'], rows)
}

function indented(text: string): string {
  return `\n${text.replaceAll(/^(?=.)/gm, '  ')}`
}
