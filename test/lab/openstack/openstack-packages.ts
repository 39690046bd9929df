import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { withProgress } from '../processes/progress.ts'
import { outputOf, runProgram } from '../processes/run-program.ts'
import { underLock } from '../programs/cache-lock.ts'
import { expectRoot } from '../programs/system-needs.ts'
import { cacheDirectory } from '../programs/unpacked-programs.ts'

/** Neutron 21 and Keystone 22 of Debian 12: enough for an API whose ports are bound by agents that only the database knows. */
export const apiPackages: readonly string[] = ['neutron-common', 'python3-keystone']

/** With which the services of a package may not start at its installation, see invoke-rc.d(8). */
const policyFile = '/usr/sbin/policy-rc.d'
const policy = '#!/bin/sh\n# Of a lab of kuryr, which removes it when its installation has ended.\nexit 101\n'

/**
 * Installs Debian packages with what they need, if they are missing, saying so on standard error. OpenStack's services
 * are some 300 Python packages that need one another below /usr, so they are installed, not unpacked beside the system;
 * no service of them starts. Two runs at once do not collide.
 *
 * @throws {Error} if this process is not root, or if apt-get fails
 */
export async function provideDebianPackages(packages: readonly string[] = apiPackages): Promise<void> {
  if (await areInstalled(packages)) return
  expectRoot('installing OpenStack')
  await mkdir(cacheDirectory(), { recursive: true })
  await underLock(path.join(cacheDirectory(), 'apt-install.lock'), async () => {
    if (await areInstalled(packages)) return
    process.stderr.write(`lab: this system lacks some of ${packages.join(', ')}: installing from Debian\n`)
    await withProgress('installing OpenStack', () => withoutStartingServices(() => install(packages)))
  })
}

async function areInstalled(packages: readonly string[]): Promise<boolean> {
  const query = ['--show', '--showformat', '${Package} ${db:Status-Status}\\n', ...packages]
  const lines = (await runProgram('dpkg-query', query)).stdout.split('\n')
  return packages.every(name => lines.includes(`${name} installed`))
}

async function withoutStartingServices(work: () => Promise<void>): Promise<void> {
  // One like ours is of an installation that was killed: it goes with this one.
  if (existsSync(policyFile) && readFileSync(policyFile, 'utf8') !== policy) return work()
  await writeFile(policyFile, policy)
  await chmod(policyFile, 0o755)
  try {
    await work()
  } finally {
    await rm(policyFile, { force: true })
  }
}

async function install(packages: readonly string[]): Promise<void> {
  const options = {
    'DPkg::Lock::Timeout': '300',
    // Whoever needs this lab can make it anew.
    'DPkg::Options::': '--force-unsafe-io',
    'DPkg::Path': `${await programsForInstallation()}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  }
  const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const run = { environment: { DEBIAN_FRONTEND: 'noninteractive' }, deadline: 300_000 }
  const command = ['-q', ...settings, 'install', '-y', '--no-install-recommends', ...packages]
  await outputOf('apt-get', command, run).catch(async () => {
    // A fresh image has no package lists, or old ones that name files which are gone.
    await outputOf('apt-get', ['-q', ...settings, 'update'], run)
    await outputOf('apt-get', command, run)
  })
}

/**
 * Byte-compiling at installation takes more than half of its time (113 s became 44 s on 2 cores): Python compiles what is
 * used at the first start.
 */
async function programsForInstallation(): Promise<string> {
  const directory = path.join(cacheDirectory(), 'installation-programs')
  await mkdir(directory, { recursive: true })
  await symlink('/bin/true', path.join(directory, 'py3compile')).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
  return directory
}
