import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from './hosts/docker-host.ts'
import { type Lab, startLab } from './lab.ts'
import { waitUntil } from './processes/wait-until.ts'

describe('a lab of Docker hosts with different engines', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ name: 'engines', docker: ['20.10', '26', 'newest'] })
  })
  afterAll(async () => {
    await lab.stop()
    expect(await lab.remains()).toEqual([])
  })

  const engine = async (host: DockerHost): Promise<string> =>
    (await host.docker('version', '--format', '{{.Server.Version}}')).trim()

  it('runs the engine that was asked for on each, and without a cluster store unless all have one', async () => {
    const versions = await Promise.all(lab.hosts.map(engine))
    expect(versions).toEqual([
      expect.stringMatching(/^20\.10\./),
      expect.stringMatching(/^26\.1\./),
      expect.stringMatching(/^(28|29|[3-9]\d)\./),
    ])
    expect((await lab.host(1).api('GET', '/info')).body).not.toHaveProperty('ClusterStore')
  })

  it('has dockerd at the place where programs on a host look for it', async () => {
    for (const host of lab.hosts) {
      const info = await host.run('curl', '--silent', '--unix-socket', '/run/docker.sock', 'http://docker/info')
      expect(JSON.parse(info)).toMatchObject({ Name: host.name })
    }
  })

  it('runs containers on each, with an init of Docker’s', async () => {
    for (const host of lab.hosts) {
      const output = await host.docker('run', '--rm', '--init', '--net', 'none', 'busybox', 'cat', '/proc/1/comm')
      expect(output).toMatch(/^(docker-init|tini)\n$/)
    }
  })

  it('runs commands of kuryr with the host’s configuration', async () => {
    for (const host of lab.hosts) expect(await host.kuryrCommand('status')).toContain('All is well.')
    const wrong = await lab.host(1).tryKuryrCommand('none-such')
    expect(wrong.exitCode).not.toBe(0)
  })

  it('pulls and puts back the cable of a host', async () => {
    const [one, two] = [lab.host(1), lab.host(2)]
    const reached = async (): Promise<number> => (await one.tryRun('ping', '-c1', '-W1', two.address)).exitCode
    await two.unplugWire()
    expect(await reached()).toBe(1)
    expect(await two.run('ip', 'link', 'show', 'eth0')).toContain('NO-CARRIER')
    await two.plugWire()
    await waitUntil('the host was not reached again', 10_000, async () => ((await reached()) === 0 ? true : undefined))
  })

  it('upgrades an engine on the same data, up to the newest', async () => {
    const host = lab.host(1)
    await host.docker('network', 'create', 'kept')
    await host.daemon.upgradeTo('26')
    expect(await engine(host)).toMatch(/^26\./)
    await host.daemon.upgradeTo('newest')
    expect(await engine(host)).toBe(await engine(lab.host(3)))
    expect(await host.docker('network', 'ls')).toContain(' kept ')
    expect(await host.docker('run', '--rm', '--net', 'kept', 'busybox', 'echo', 'well')).toBe('well\n')
  })

  it('wipes the data of an engine, also under a container that a crash left', async () => {
    const host = lab.host(2)
    await host.docker('run', '--detach', '--name', 'left', '--net', 'none', 'busybox', 'sleep', '1000')
    await expect(host.daemon.wipeData()).rejects.toThrow('stop it before')
    await host.daemon.kill()
    await host.daemon.wipeData()
    await host.daemon.start()
    expect(await host.docker('ps', '--all', '--quiet')).toBe('')
    expect(await host.docker('images', '--quiet')).toBe('')
  })

  it('wipes etcd', async () => {
    await expect(lab.etcd.wipeData()).rejects.toThrow('stop it before')
    expect((await lab.etcd.v3Get('/kuryr/')).size).toBeGreaterThan(0)
    for (const host of lab.hosts) await host.kuryr.stop()
    await lab.etcd.stop()
    await lab.etcd.wipeData()
    await lab.etcd.start()
    expect((await lab.etcd.v3Get('')).size).toBe(0)
  })
})

it('refuses engines of another number than hosts', async () => {
  await expect(startLab({ hosts: 3, docker: ['26'] })).rejects.toThrow('expected an engine for each of 3 hosts, got 26')
})
