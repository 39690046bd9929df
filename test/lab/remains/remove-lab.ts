import { existsSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { outputOf } from '../processes/run-program.ts'
import { underLock } from '../programs/cache-lock.ts'
import { cacheDirectory } from '../programs/unpacked-programs.ts'
import { killLabProcesses, labProcesses } from './lab-processes.ts'
import { labNamespaces } from './lab-namespaces.ts'
import { controlGroup, isAbandoned, labDirectory, labRecords } from './lab-record.ts'

/** Ends and deletes everything of a lab, in whatever state it is; what is gone already is no error. */
export async function removeLab(id: string): Promise<void> {
  await killLabProcesses(id)
  for (const point of await labMounts(id)) await outputOf('umount', ['--lazy', point])
  for (const name of labNamespaces(id)) await outputOf('ip', ['netns', 'delete', name])
  for (const directory of labControlGroups(id)) removeControlGroup(directory)
  await rm(labDirectory(id), { recursive: true, force: true, maxRetries: 5 })
}

/** Removes the labs whose owner died, and returns their ids. Labs that live, or were left up on purpose, stay. */
export async function removeAbandonedLabs(): Promise<string[]> {
  await mkdir(cacheDirectory(), { recursive: true })
  return underLock(path.join(cacheDirectory(), 'labs.lock'), async () => {
    const abandoned = (await labRecords()).filter(isAbandoned)
    for (const { id, name } of abandoned) {
      process.stderr.write(`lab: removing what the lab ${name} (${id}) left: its owner ended without stopping it\n`)
      await removeLab(id)
    }
    return abandoned.map(({ id }) => id)
  })
}

/** What is left of a lab on this machine, in words; empty when nothing is. */
export async function remainsOfLab(id: string): Promise<string[]> {
  const directory = labDirectory(id)
  return [
    ...labProcesses(id).map(({ pid }) => `process ${pid}`),
    ...(await labMounts(id)).map(point => `mount ${point}`),
    ...labNamespaces(id).map(name => `network namespace ${name}`),
    ...labControlGroups(id).map(group => `control group ${group}`),
    ...(existsSync(directory) ? [`directory ${directory}`] : []),
  ]
}

/** The deepest first, as they must be unmounted. */
async function labMounts(id: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).trim().split('\n')
  const points = lines.map(line => line.split(' ')[4] ?? '')
  return points.filter(point => point.startsWith(`${labDirectory(id)}/`)).reverse()
}

/** With version 1 of control groups each controller has a tree of its own, with version 2 there is one. */
function labControlGroups(id: string): string[] {
  const top = '/sys/fs/cgroup'
  if (!existsSync(top)) return []
  const trees = [top, ...readdirSync(top).map(name => path.join(top, name))]
  return trees.map(tree => path.join(tree, controlGroup(id))).filter(directory => existsSync(directory))
}

/** Its files are the kernel's, and go with it: only directories are removed. */
function removeControlGroup(directory: string): void {
  for (const name of readdirSync(directory)) {
    const child = path.join(directory, name)
    if (statSync(child).isDirectory()) removeControlGroup(child)
  }
  rmdirSync(directory)
}
