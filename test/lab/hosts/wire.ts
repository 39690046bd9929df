import { outputOf } from '../processes/run-program.ts'
import { namespaceName } from '../remains/lab-record.ts'

/** A machine of a lab: its short name and its address on the wire, of a /24. */
export interface Machine {
  name: string
  address: string
}

/**
 * Makes a network namespace per machine and joins them by a bridge, which is in a namespace of its own: labs side by side
 * do not meet, so all have the same addresses. Each machine has its address on `eth0`.
 */
export async function layWire(id: string, machines: readonly Machine[]): Promise<void> {
  const wire = namespaceName(id, 'wire')
  const namespaces = [wire, ...machines.map(({ name }) => namespaceName(id, name))]
  await outputOf('ip', ['-batch', '-'], { input: namespaces.map(name => `netns add ${name}\n`).join('') })
  // Snooping would hold back multicast, IPv6 neighbour discovery too, until a querier is heard; there is none.
  const bridge = ['link add wire up type bridge mcast_snooping 0', 'link set lo up']
  const ports = machines.flatMap(({ name }) => [
    `link add ${name} type veth peer name eth0 netns ${namespaceName(id, name)}`,
    `link set ${name} master wire up`,
  ])
  await batch(wire, [...bridge, ...ports])
  for (const { name, address } of machines) {
    const lines = ['link set lo up', 'link set eth0 up', `addr add ${address}/24 dev eth0`]
    await batch(namespaceName(id, name), lines)
  }
}

/** Pulls the cable of a machine, as its link without carrier tells it; addresses and routes stay. */
export async function unplug(id: string, machine: string): Promise<void> {
  await batch(namespaceName(id, 'wire'), [`link set ${machine} down`])
}

/** Puts the cable of a machine back. */
export async function plug(id: string, machine: string): Promise<void> {
  await batch(namespaceName(id, 'wire'), [`link set ${machine} up`])
}

/** Puts one more machine on a wire that is laid. */
export async function addToWire(id: string, { name, address }: Machine): Promise<void> {
  const namespace = namespaceName(id, name)
  await outputOf('ip', ['netns', 'add', namespace])
  const plug = [`link add ${name} type veth peer name eth0 netns ${namespace}`, `link set ${name} master wire up`]
  await batch(namespaceName(id, 'wire'), plug)
  await batch(namespace, ['link set lo up', 'link set eth0 up', `addr add ${address}/24 dev eth0`])
}

function batch(namespace: string, lines: readonly string[]): Promise<string> {
  return outputOf('ip', ['-n', namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}
