import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startLab } from './lab.ts'
import { isAbandoned, labRecords, type LabRecord } from './remains/lab-record.ts'
import { remainsOfLab, removeAbandonedLabs, removeLab } from './remains/remove-lab.ts'

const started: { id: string; owner: ChildProcess }[] = []

/** Another process that starts a lab and owns it. */
async function ownerOfLab(...args: string[]): Promise<{ id: string; owner: ChildProcess }> {
  const script = path.join(import.meta.dirname, 'testing/start-lab.ts')
  const owner = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  const lab = { id: line.toString().trim(), owner }
  started.push(lab)
  return lab
}

async function recordOf(id: string): Promise<LabRecord | undefined> {
  return (await labRecords()).find(record => record.id === id)
}

describe('a lab of another process', () => {
  afterEach(async () => {
    for (const { id, owner } of started.splice(0)) {
      owner.kill('SIGKILL')
      await removeLab(id)
    }
  })

  it('is removed with its containers when the owner is interrupted', async () => {
    const { id, owner } = await ownerOfLab()
    owner.kill('SIGINT')
    expect(await once(owner, 'exit')).toEqual([null, 'SIGINT'])
    expect(await remainsOfLab(id)).toEqual([])
  })

  it('is removed by the next start when the owner was killed, and live labs stay', async () => {
    const [dead, alive] = await Promise.all([ownerOfLab(), ownerOfLab()])
    dead.owner.kill('SIGKILL')
    await once(dead.owner, 'exit')
    expect((await remainsOfLab(dead.id)).join('\n')).toMatch(/process \d+\n[^]*network namespace .*-node1/)
    const mine = await startLab({ name: 'the next', hosts: 1, kuryr: false })
    try {
      expect(await remainsOfLab(dead.id)).toEqual([])
      expect(await recordOf(alive.id)).toMatchObject({ owner: { pid: alive.owner.pid } })
      expect((await remainsOfLab(alive.id)).length).toBeGreaterThan(0)
      expect(alive.owner.exitCode).toBeNull()
    } finally {
      await mine.stop()
    }
  })

  it('stays when it was left up on purpose, until it is removed by its id', async () => {
    const { id, owner } = await ownerOfLab('--keep')
    expect(await once(owner, 'exit')).toEqual([0, null])
    expect((await labRecords()).filter(isAbandoned).map(record => record.id)).not.toContain(id)
    expect(await removeAbandonedLabs()).not.toContain(id)
    expect((await remainsOfLab(id)).join('\n')).toContain('process')
    await removeLab(id)
    expect(await remainsOfLab(id)).toEqual([])
  })
})
