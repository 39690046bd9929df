import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { identityOf, isRunning, type ProcessIdentity } from '../processes/process-identity.ts'
import { cacheDirectory } from '../programs/unpacked-programs.ts'

/** What is written down about a lab before anything of it is made: enough to find all of it again by its id. */
export interface LabRecord {
  id: string
  name: string
  /** The process that will stop it; absent for a lab that was left up on purpose. */
  owner?: ProcessIdentity
}

/** The environment variable, holding the lab's id, that all programs of a lab have. */
export const labMark = 'KURYR_LAB_ID'

/** Where everything that a lab writes is. Its length matters: sockets below it may have 107 bytes. */
export function labDirectory(id: string): string {
  return path.join(cacheDirectory(), 'labs', id)
}

/** The name of a lab's network namespace for one of its machines. */
export function namespaceName(id: string, machine: string): string {
  return `kuryr-lab-${id}-${machine}`
}

/** The control group below which all containers of a lab run. */
export function controlGroup(id: string): string {
  return `kuryr-lab-${id}`
}

/** Makes the directory of a new lab with its record, in one step, owned by this process. */
export async function newLabRecord(name: string): Promise<LabRecord> {
  const labs = path.join(cacheDirectory(), 'labs')
  await mkdir(labs, { recursive: true })
  const owner = identityOf(process.pid)
  const record: LabRecord = { id: randomBytes(3).toString('hex'), name, ...(owner && { owner }) }
  const work = await mkdtemp(path.join(labs, '.new-'))
  await writeFile(path.join(work, 'record.json'), JSON.stringify(record))
  await rename(work, labDirectory(record.id))
  return record
}

/** From now on the lab belongs to nobody, and stays until it is stopped by hand. */
export async function recordAsKept(record: LabRecord): Promise<void> {
  const file = path.join(labDirectory(record.id), 'record.json')
  await writeFile(`${file}.new`, JSON.stringify({ id: record.id, name: record.name }))
  await rename(`${file}.new`, file)
}

/** All labs of this machine of which something may be left. */
export async function labRecords(): Promise<LabRecord[]> {
  const labs = path.join(cacheDirectory(), 'labs')
  if (!existsSync(labs)) return []
  const found = (await readdir(labs)).filter(name => /^[0-9a-f]{6}$/.test(name))
  const records = await Promise.all(found.map(id => readRecord(id)))
  return records.filter(record => record !== undefined)
}

/** True for a lab whose owner ended without stopping it. */
export function isAbandoned(record: LabRecord): boolean {
  return record.owner !== undefined && !isRunning(record.owner)
}

async function readRecord(id: string): Promise<LabRecord | undefined> {
  try {
    return JSON.parse(await readFile(path.join(labDirectory(id), 'record.json'), 'utf8')) as LabRecord
  } catch {
    // A record is written in one step with its directory, so a removal was interrupted here: nobody owns the rest.
    return existsSync(labDirectory(id)) ? { id, name: 'half removed', owner: nobody } : undefined
  }
}

const nobody: ProcessIdentity = { pid: 0, startTime: '', bootId: '' }
