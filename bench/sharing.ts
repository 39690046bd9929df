/**
 * How soon a network that was made on one host is on another: `bin/node bench/sharing.ts [rounds] [engine]`.
 *
 * On two Docker hosts without a cluster store: from the answer of `POST /networks/create` on host 1 until
 * `GET /networks/NAME` answers on host 2, and from the answer of its removal there until it is gone on host 1. Every tenth
 * is used at once: a container starts on it on host 2. Floor, in turns with them: one bare etcd watch event, from the put
 * to the event on another connection. Medians. Needs root.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { DockerHost } from '../test/lab/hosts/docker-host.ts'
import { imageName } from '../test/lab/image.ts'
import { type DockerVersion, startLab } from '../test/lab/lab.ts'
import { namespaceName } from '../test/lab/remains/lab-record.ts'

/** The first ones warm up and are not counted. */
const warmUp = 5
const rounds = Number(process.argv[2] ?? 40)
const docker = (process.argv[3] ?? '26') as DockerVersion

const lab = await startLab({ name: 'bench of sharing', hosts: 2, docker, clusterStore: false })
try {
  const floor = openFloor(namespaceName(lab.id, 'node2'), lab.etcd.endpoint)
  const times = { event: [] as number[], create: [] as number[], remove: [] as number[] }
  for (let round = -warmUp; round < rounds; round++) {
    const event = await floor.next()
    const create = await timeToCreate(lab.host(1), lab.host(2), `bench${round + warmUp}`)
    if (round % 10 === 0) await useOn(lab.host(2), `bench${round + warmUp}`)
    const remove = await timeToRemove(lab.host(2), lab.host(1), `bench${round + warmUp}`)
    if (round < 0) continue
    times.event.push(event)
    times.create.push(create)
    times.remove.push(remove)
  }
  floor.close()
  print(`sharing, Docker ${docker}, ${rounds} rounds`)
  print('                           median ms   90 %      greatest  ratio to the event')
  print(row('etcd: put → watch event', times.event, times.event))
  print(row('created → on the other', times.create, times.event))
  print(row('removed → gone there', times.remove, times.event))
} finally {
  await lab.stop()
}

async function timeToCreate(here: DockerHost, there: DockerHost, name: string): Promise<number> {
  const ipam = { Driver: 'kuryr', Config: [{ Subnet: '10.77.0.0/24', Gateway: '10.77.0.1' }] }
  const body = { Name: name, Driver: 'kuryr', CheckDuplicate: true, IPAM: ipam }
  const { status, body: answer } = await here.api('POST', '/networks/create', body)
  if (status !== 201) throw new Error(`expected network ${name} to be made, got ${status} ${JSON.stringify(answer)}`)
  return untilAnswer(there, name, 200)
}

async function timeToRemove(here: DockerHost, there: DockerHost, name: string): Promise<number> {
  const { status, body } = await here.api('DELETE', `/networks/${name}`)
  if (status !== 204) throw new Error(`expected network ${name} to be removed, got ${status} ${JSON.stringify(body)}`)
  return untilAnswer(there, name, 404)
}

/** Milliseconds from now until the host's Docker answers so of the network. */
async function untilAnswer(host: DockerHost, name: string, expected: number): Promise<number> {
  const began = performance.now()
  for (;;) {
    const { status } = await host.api('GET', `/networks/${name}`)
    const taken = performance.now() - began
    if (status === expected) return taken
    if (taken > 10_000)
      throw new Error(`network ${name} on ${host.name}: expected ${expected} within 10 s, got ${status}`)
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}

/** Starts a container on the network. @throws Error if it does not start */
async function useOn(host: DockerHost, network: string): Promise<void> {
  await host.docker('run', '--rm', '--network', network, imageName, 'true')
}

function openFloor(namespace: string, endpoint: string): { next: () => Promise<number>; close: () => void } {
  const program = path.join(import.meta.dirname, 'bare-watch.ts')
  const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, process.execPath, program, endpoint], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async next() {
      child.stdin.write('x\n')
      const { value, done } = await lines.next()
      if (done) throw new Error('the bare watch ended')
      return Number(value)
    },
    close: () => void child.stdin.end(),
  }
}

function row(what: string, values: readonly number[], floor: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
  const median = floor.toSorted((one, other) => one - other)[Math.floor(floor.length / 2)] ?? Number.NaN
  const cells = [at(0.5), at(0.9), at(1)].map(value => value.toFixed(1).padEnd(10))
  return `${what.padEnd(25)}  ${cells.join('')}${(at(0.5) / median).toFixed(1)}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
