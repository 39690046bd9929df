import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { removeNamespaces } from '../drivers/namespaces.ts'
import { OpenStackHost } from './openstack-host.ts'

describe('calls', () => {
  let cloud: TestOpenStack
  let host: OpenStackHost
  beforeAll(async () => {
    await removeNamespaces()
    cloud = await testOpenStack({ hosts: ['a'] })
    host = await OpenStackHost.open('a', cloudOf(cloud.openstack))
  }, 240_000)
  afterAll(async () => {
    await host.close()
    await removeNamespaces()
    await cloud.remove()
  })

  async function counted<T>(what: string, work: () => Promise<T>): Promise<T> {
    const before = (await cloud.openstack.neutron.requests()).length
    try {
      return await work()
    } finally {
      const made = (await cloud.openstack.neutron.requests()).slice(before)
      process.stdout.write(
        `${what}: ${made.length}\n${made.map(r => `   ${r.method} ${r.status} ${r.target}`).join('\n')}\n`,
      )
    }
  }

  it('counts', async () => {
    await host.neutron.extensions()
    const network = await counted('create', () =>
      host.docker.createNetwork({ subnet: '10.1.0.0/24', gateway: '10.1.0.1' }),
    )
    const endpoint = await counted('run', () => host.docker.run(network))
    await counted('stop', () => host.docker.stop(endpoint))
    await counted('rm', () => host.docker.removeNetwork(network))
    expect(host.docker.ignored).toEqual([])
  })
})
