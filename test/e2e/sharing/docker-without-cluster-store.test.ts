import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
import { dockerPrograms } from '../../lab/programs/docker-programs.ts'
import { blockWith, type CommandBlock, commandBlocks, missingLines, onlyLooks } from './page-blocks.ts'

const repository = path.resolve(import.meta.dirname, '../../..')
const page = await readFile(path.join(repository, 'docs/docker-without-cluster-store.md'), 'utf8')
const blocks = commandBlocks(page)
const kuryrConf = blockWith(page, 'ini', 'url = etcd://')

describe('docs/docker-without-cluster-store.md, followed on three hosts with Docker 26', () => {
  let lab: Lab
  let search: string
  const pids = new Map<DockerHost, string>()
  beforeAll(async () => {
    lab = await startLab({ name: 'page', hosts: 3, docker: '26', kuryr: false })
    search = [path.join(repository, 'bin'), path.dirname((await dockerPrograms('26')).docker), process.env.PATH].join(
      ':',
    )
    expect(kuryrConf).toContain(`url = etcd://${lab.etcd.endpoint}\n`)
    for (const { outside } of lab.hosts.map(host => ({ outside: host.outside('/etc/kuryr') }))) {
      await mkdir(outside, { recursive: true })
      await writeFile(path.join(outside, 'kuryr.conf'), kuryrConf)
    }
  })
  afterAll(async () => {
    for (const [host, pid] of pids) await host.tryRun('kill', pid)
    await lab.stop()
  })

  const run = (host: DockerHost, script: string): Promise<string> =>
    host.run('env', `PATH=${search}`, 'sh', '-e', '-c', `cd /\n${script}`)

  /** As the unit does; only that its state is the host's own, since hosts of a lab have one /var. */
  const start = async (host: DockerHost): Promise<void> => {
    const state = `OS_DEFAULT__STATE_PATH=${path.join(host.directory, 'state')}`
    const script = `${state} setsid kuryr serve >${host.directory}/kuryr.log 2>&1 </dev/null & echo $!`
    pids.set(host, (await run(host, script)).trim())
  }

  const switchOff = async (host: DockerHost): Promise<void> => {
    await host.daemon.stop()
    await host.run('kill', pids.get(host) ?? '')
    pids.delete(host)
  }

  const follow = async (block: CommandBlock, host: DockerHost): Promise<void> => {
    const once = async (): Promise<true> => {
      const output = await run(host, block.script)
      const missing = missingLines(block.expected, output)
      if (missing.length > 0) throw new Error(`expected\n${missing.join('\n')}\nin\n${output}`)
      if (block.manner === 'silent' && output !== '') throw new Error(`expected no output, got\n${output}`)
      return true
    }
    if (onlyLooks(block)) await waitUntil(`${block.script} on ${host.name}`, 20_000, once)
    else await once()
  }

  it.each(blocks.map(block => [`${block.machines.join(', ')}: ${block.script.trim()}`, block] as const))(
    '%s',
    async (_title, block) => {
      expect(block.machines).not.toEqual([])
      const hosts = lab.hosts.filter(({ name }) => block.machines.includes(name))
      for (const host of hosts) {
        if (block.manner === 'start') await start(host)
        else if (block.manner === 'off') await switchOff(host)
        // The lab has its own etcd, and this checkout.
        else if (block.manner !== 'install') await follow(block, host)
      }
    },
  )

  it('its unit starts kuryr as it was started here, before Docker', () => {
    const unit = blockWith(page, 'systemd', '[Service]')
    expect(unit).toMatch(/^ExecStart=\/usr\/local\/bin\/kuryr serve$/m)
    expect(unit).toMatch(/^Before=docker\.service$/m)
  })
})
