import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { withProgress } from '../processes/progress.ts'
import { outputOf } from '../processes/run-program.ts'
import { underLock } from '../programs/cache-lock.ts'
import { cacheDirectory } from '../programs/unpacked-programs.ts'

/**
 * A directory of the lab's cache that `prepare` filled once for this version of a Debian package: what takes seconds to
 * make and is the same for every lab. A killed preparation leaves nothing that a later one takes for whole.
 */
export async function preparedOnce(
  what: { name: string; debianPackage: string },
  prepare: (directory: string) => Promise<void>,
): Promise<string> {
  const version = await outputOf('dpkg-query', ['--show', '--showformat', '${Version}', what.debianPackage])
  const prepared = path.join(cacheDirectory(), 'openstack', `${what.name}-${version.replaceAll(':', '-')}`)
  if (existsSync(prepared)) return prepared
  await mkdir(path.dirname(prepared), { recursive: true })
  await underLock(`${prepared}.lock`, async () => {
    if (existsSync(prepared)) return
    const draft = await mkdtemp(path.join(path.dirname(prepared), '.preparing-'))
    try {
      await withProgress(`preparing ${what.name}`, () => prepare(draft))
      await rename(draft, prepared)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  })
  return prepared
}
