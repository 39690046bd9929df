import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { settingsOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { DaemonProcess } from '../daemon/daemon-process.ts'

describe('kuryr serve on OpenStack', () => {
  let cloud: TestOpenStack
  beforeAll(async () => {
    cloud = await testOpenStack({ hosts: ['daemon-test'] })
  }, 240_000)
  afterAll(() => cloud.remove())

  const pool = { AddressSpace: 'GlobalDefault', Pool: '10.44.0.0/24', SubPool: '', Options: {}, V6: false }

  it('with [neutron] of kuryr.conf makes its networks in Neutron, and does not serve the embedded one', async () => {
    await using daemon = await DaemonProcess.create({
      neutron: settingsOf(cloud.openstack),
      DEFAULT: { call_timeout: 30 },
      // No dockerd runs here, for which sharing would wait.
      sharing: { enabled: 'false' },
    })
    await daemon.start()
    await vi.waitFor(async () => expect((await daemon.status()).problems).toEqual([]), { timeout: 20_000 })
    expect(await daemon.status()).toMatchObject({ store: null, neutron: { kind: 'openstack', state: 'connected' } })
    const { status, body } = await daemon.call('IpamDriver.RequestPool', pool)
    expect({ status, body }).toMatchObject({ status: 200, body: { Pool: '10.44.0.0/24' } })
    expect((await daemon.call('IpamDriver.ReleasePool', { PoolID: body.PoolID })).status).toBe(200)
    await expect(fetch(`http://127.0.0.1:${daemon.neutronPort}/v2.0/networks`)).rejects.toThrow()
    expect(await daemon.end()).toBe(0)
    expect(daemon.output).not.toContain('"level":50')
  })

  it('with a wrong password says so, and shows no secret', async () => {
    const neutron = { ...settingsOf(cloud.openstack), password: 'hunter2' }
    await using daemon = await DaemonProcess.create({ neutron, DEFAULT: { call_timeout: 30, debug: 'true' } })
    await daemon.start()
    const { status, body } = await daemon.call('IpamDriver.RequestPool', pool)
    expect(status).toBe(401)
    expect(body.Err).toContain('did not log us in (status 401): check user, password or secret')
    const { problems, neutron: said } = await daemon.status()
    expect(said).toEqual({ kind: 'openstack', state: 'unreachable' })
    expect(problems[0]?.why).toContain('did not log us in')
    expect(await daemon.end()).toBe(0)
    expect(daemon.output).not.toContain('hunter2')
  })

  it('takes a cloud of clouds.yaml by name', async () => {
    const { auth_url, username, password, project_name } = settingsOf(cloud.openstack)
    const file = join(cloud.directory, 'clouds.yaml')
    const auth = { auth_url, username, password, project_name, user_domain_id: 'default', project_domain_id: 'default' }
    await writeFile(file, JSON.stringify({ clouds: { lab: { auth, region_name: 'RegionOne' } } }))
    vi.stubEnv('OS_CLIENT_CONFIG_FILE', file)
    await using daemon = await DaemonProcess.create({ neutron: { cloud: 'lab' }, DEFAULT: { call_timeout: 30 } })
    await daemon.start()
    const { status, body } = await daemon.call('IpamDriver.RequestPool', pool)
    expect({ status, body }).toMatchObject({ status: 200 })
    expect((await daemon.call('IpamDriver.ReleasePool', { PoolID: body.PoolID })).status).toBe(200)
    expect(await daemon.end()).toBe(0)
  })
})
