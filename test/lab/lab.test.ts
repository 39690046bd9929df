import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from './lab.ts'
import { runProgram } from './processes/run-program.ts'
import { namespaceName } from './remains/lab-record.ts'

describe('a lab of two Docker hosts', () => {
  const systemBefore = ['/etc/docker', '/opt/containerd', '/run/docker', '/run/containerd'].map(existsSync)
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ name: 'two hosts', kuryr: false })
  })
  afterAll(async () => {
    await lab.stop()
    expect(await lab.remains()).toEqual([])
  })

  it('has the addresses and host names of the experiment', async () => {
    expect(lab.hosts.map(({ name, address }) => `${name} ${address}`)).toEqual(['node1 10.8.65.80', 'node2 10.8.65.81'])
    for (const host of lab.hosts) expect(await host.run('hostname')).toBe(`${host.name}\n`)
    expect(hostname()).not.toMatch(/^node[12]$/)
  })

  it('reaches each host and etcd from each host', async () => {
    for (const host of lab.hosts) {
      for (const address of ['10.8.65.79', '10.8.65.80', '10.8.65.81']) {
        const ping = await host.tryRun('ping', '-c', '1', '-W', '2', address)
        expect(ping.exitCode, `${host.name} to ${address}: ${ping.stdout}`).toBe(0)
      }
    }
  })

  it('runs Docker 20.10.24 with the cluster store', async () => {
    for (const host of lab.hosts) {
      const { body } = await host.api('GET', '/info')
      expect(body).toMatchObject({
        ServerVersion: expect.stringMatching(/^20\.10\.24/) as string,
        Name: host.name,
        ClusterStore: 'etcd://10.8.65.79:2379',
        CgroupDriver: 'cgroupfs',
      })
    }
  })

  it('uses overlay2, where the file system below is not an overlay itself', async () => {
    const kind = await runProgram('stat', ['--file-system', '--format=%T', lab.directory])
    const driver = await lab.host(1).docker('info', '--format', '{{.Driver}}')
    expect(driver.trim()).toBe(kind.stdout.trim() === 'overlayfs' ? 'vfs' : 'overlay2')
  })

  it('gives each host a private /run/docker/plugins and an empty /etc/docker', async () => {
    await lab.host(1).run('touch', '/run/docker/plugins/only-on-node1', '/etc/docker/only-on-node1')
    expect(await lab.host(2).run('ls', '/run/docker/plugins')).toBe('')
    expect(await lab.host(2).run('ls', '/etc/docker')).not.toContain('only-on-node1')
    expect(existsSync('/run/docker/plugins/only-on-node1')).toBe(false)
    expect(existsSync('/etc/docker/only-on-node1')).toBe(false)
    await lab.host(1).run('rm', '/run/docker/plugins/only-on-node1', '/etc/docker/only-on-node1')
  })

  it('makes nothing in the directories of the system that Docker uses', () => {
    expect(['/etc/docker', '/opt/containerd', '/run/docker', '/run/containerd'].map(existsSync)).toEqual(systemBefore)
  })

  it('tells what a failed docker command said', async () => {
    await expect(lab.host(1).docker('network', 'inspect', 'none-such')).rejects.toThrow(/No such network: none-such/)
  })

  it('starts dockerd again in the same namespaces after a kill, with its containers', async () => {
    const host = lab.host(2)
    await host.docker(
      'run',
      '--detach',
      '--tty',
      '--restart=always',
      '--stop-signal=SIGKILL',
      '--name=again',
      'busybox',
    )
    await host.daemon.kill()
    await host.daemon.start()
    expect(await host.docker('exec', 'again', 'hostname')).toMatch(/^[0-9a-f]{12}\n$/)
    await host.docker('rm', '--force', 'again')
    await host.restartDocker()
    expect(await host.docker('ps', '--all', '--quiet')).toBe('')
  })

  it('reads both stores of etcd, and keeps them over a crash', async () => {
    const registered = async (): Promise<string[]> => (await lab.etcd.v2Keys('/docker/nodes')).sort()
    const nodes = ['/docker/nodes/10.8.65.80:2376', '/docker/nodes/10.8.65.81:2376']
    expect(await registered()).toEqual(nodes)
    expect(await lab.etcd.v2Get('/docker/nodes/10.8.65.80:2376')).toBe('10.8.65.80:2376')
    expect(await lab.etcd.v2Keys('/none-such')).toEqual([])
    await lab.etcd.kill()
    await lab.etcd.start()
    expect(await registered()).toEqual(nodes)
    expect(await lab.etcd.v3Get('/none-such')).toEqual(new Map())
  })

  it('can hold etcd still and let it go on', async () => {
    lab.etcd.pause()
    const health = await lab.host(1).tryRun('curl', '--silent', '--max-time', '1', `http://${lab.etcd.endpoint}/health`)
    lab.etcd.resume()
    const again = await lab.host(1).tryRun('curl', '--silent', '--max-time', '10', `http://${lab.etcd.endpoint}/health`)
    expect([health.exitCode, again.exitCode]).toEqual([28, 0])
  })
})

describe('two labs side by side', () => {
  it('have the same addresses, see nothing of each other, and one stops without the other', async () => {
    const [one, other] = await Promise.all([
      startLab({ name: 'one', hosts: 1, kuryr: { DEFAULT: { debug: 'true' } } }),
      startLab({ name: 'other', hosts: 1, etcd: '3.5' }),
    ])
    try {
      expect(one.host(1).address).toBe(other.host(1).address)
      expect(await readFile(one.host(1).kuryr.configFile, 'utf8')).toContain('debug = true\n')
      const kuryr = ['network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', '--subnet=10.0.0.0/24']
      await one.host(1).docker(...kuryr, 'only-in-one')
      expect(await other.host(1).docker('network', 'ls')).not.toContain('only-in-one')
      expect(await other.host(1).neutron('GET', '/v2.0/networks')).toEqual({ networks: [] })
      // As Neutron's services, whose title takes the place of their environment.
      const network = `--net=/run/netns/${namespaceName(one.id, 'node1')}`
      const nameless = spawn('nsenter', [network, '--', 'env', '-i', 'sleep', '300'])
      await once(nameless, 'spawn')
      const end = once(nameless, 'exit')
      await one.stop()
      expect(await one.remains()).toEqual([])
      expect(await end).toEqual([null, 'SIGKILL'])
      expect(await other.host(1).docker('version', '--format', '{{.Server.Version}}')).toMatch(/^20\.10/)
      expect(other.host(1).kuryr.running).toBe(true)
    } finally {
      await removed(one)
      await other.stop()
    }
    expect(await other.remains()).toEqual([])
  })
})

/** For the way out of a failed test: stops the lab if it still runs. */
async function removed(lab: Lab): Promise<void> {
  if ((await lab.remains()).length > 0) await lab.stop()
}
