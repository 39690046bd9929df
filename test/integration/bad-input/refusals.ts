import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { PrivateDaemon } from './private-daemon.ts'
import { dockerId, gatewayOf, makeScene, type Scene, succeed } from './scene.ts'

/** Network namespaces can be made by root alone. */
export const isRoot = process.getuid?.() === 0
/** Of nothing. */
export const unknownUuid = '11111111-2222-4333-8444-555555555555'

/** The daemon and what is in it, from the first hook on. */
export let daemon: PrivateDaemon
export let scene: Scene

/**
 * Starts a daemon for the tests of the suite around, and checks after each of them that nothing is left behind in the
 * store and in the kernel, that the daemon is alive, and after all of them that it logged no fault of its own.
 */
export function withDaemon(): void {
  let before: { resources: unknown; kernel: unknown }
  let opened: PrivateDaemon | undefined

  beforeAll(async () => {
    daemon = opened = await PrivateDaemon.open()
    scene = await makeScene(daemon)
  })

  afterAll(async () => {
    const faults = await opened?.faults()
    await opened?.[Symbol.asyncDispose]()
    expect(faults).toEqual([])
  })

  beforeEach(async () => {
    before = { resources: await daemon.resources(), kernel: await daemon.kernelState() }
  })

  afterEach(async () => {
    expect(withoutRevisions(await daemon.resources())).toEqual(withoutRevisions(before.resources))
    expect(await daemon.kernelState()).toEqual(before.kernel)
    expect((await daemon.call('Plugin.Activate', '')).status).toBe(200)
  })
}

/** Status and text of a refusal, ids that differ from run to run by their names. */
export async function refused(method: string, message: object | string | Buffer): Promise<string> {
  const { status, body } = await daemon.call(method, message)
  expect(body.Err).toBe(body.Error)
  return named(`${status} ${String(body.Err)}`)
}

/** `docker network create`, which Docker ends by ReleasePool when it failed. */
export async function refusedNetwork(
  pool: Record<string, unknown>,
  data: Record<string, unknown> = {},
  generic: Record<string, unknown> = {},
): Promise<string> {
  const requested = await succeed(daemon, 'IpamDriver.RequestPool', pool)
  const { PoolID, Pool } = requested
  try {
    const Gateway = await gatewayOf(daemon, requested)
    return await refused('NetworkDriver.CreateNetwork', {
      NetworkID: dockerId(9),
      Options: { 'com.docker.network.generic': generic },
      IPv4Data: [{ AddressSpace: '', Pool, Gateway, ...data }],
      IPv6Data: [],
    }).then(text => text.replaceAll(String(PoolID), '<its pool>'))
  } finally {
    await succeed(daemon, 'IpamDriver.ReleasePool', { PoolID })
  }
}

/** `docker run` of a container that gets an address and is refused its endpoint. */
export async function refusedEndpoint(Interface: Record<string, unknown>): Promise<string> {
  const { network: NetworkID, pool: PoolID } = scene.docker
  const { Address } = await succeed(daemon, 'IpamDriver.RequestAddress', { PoolID, Address: '10.1.0.200' })
  try {
    const ids = { NetworkID, EndpointID: dockerId(8) }
    return await refused('NetworkDriver.CreateEndpoint', { ...ids, Interface: { Address, ...Interface } })
  } finally {
    await succeed(daemon, 'IpamDriver.ReleaseAddress', { PoolID, Address: '10.1.0.200' })
  }
}

function named(text: string): string {
  const { operator, docker } = scene
  const names = new Map([
    [operator.network, '<blue>'],
    [operator.subnet, '<blue-v4>'],
    [operator.subnetpool, '<blue pool>'],
    [operator.freePort.id, '<free port>'],
    [operator.vmPort.id, '<vm port>'],
    [operator.vmPort.mac, '<vm mac>'],
    [docker.pool, '<pool>'],
    [docker.network, '<network>'],
    [docker.endpoint.id, '<endpoint>'],
    [docker.endpoint.mac, '<endpoint mac>'],
    [dockerId(8), '<new endpoint>'],
    [dockerId(9), '<new network>'],
    [unknownUuid, '<unknown>'],
  ])
  const known = [...names].reduce((said, [id, name]) => said.replaceAll(id, name), text)
  return known.replaceAll(/(?!<)\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>')
}

/** A dump of the store without what counts changes: adopting the operator's network and giving it back is one. */
export function withoutRevisions(dump: unknown): unknown {
  return JSON.parse(
    JSON.stringify(dump, (key, value: unknown) => (/^(revision_number|updated_at)$/.test(key) ? undefined : value)),
  )
}
