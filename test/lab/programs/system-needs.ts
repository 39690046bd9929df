import { existsSync } from 'node:fs'
import path from 'node:path'
import { outputOf, systemPath } from '../processes/run-program.ts'

/** What the lab uses of the system itself, and the Debian package that has it. None of them starts a service. */
const needs = {
  ip: 'iproute2',
  bridge: 'iproute2',
  iptables: 'iptables',
  sysctl: 'procps',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  flock: 'util-linux',
  mount: 'mount',
  ping: 'iputils-ping',
  curl: 'curl',
}

/** @throws Error, saying so in plain words, if this process is not root. */
export function expectRoot(purpose: string): void {
  if (process.getuid?.() !== 0) {
    throw new Error(`${purpose} needs root (network namespaces, mounts, packages): run it as root, for example by sudo`)
  }
}

/** Installs the packages of what the system lacks for a lab, saying so on standard error. Usually there is nothing to do. */
export async function provideSystemNeeds(): Promise<void> {
  expectRoot('the lab')
  const missing = new Set(
    Object.entries(needs)
      .filter(([program]) => !isOnPath(program))
      .map(([, name]) => name),
  )
  if (missing.size === 0) return
  const packages = [...missing].sort()
  process.stderr.write(`lab: this system lacks ${packages.join(', ')}: installing from Debian\n`)
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  await outputOf('apt-get', install, { environment, deadline: 300_000 }).catch(async () => {
    // A fresh image has no package lists, or old ones that name files which are gone.
    await outputOf('apt-get', ['update'], { deadline: 300_000 })
    await outputOf('apt-get', install, { environment, deadline: 300_000 })
  })
}

function isOnPath(program: string): boolean {
  return systemPath()
    .split(':')
    .some(directory => existsSync(path.join(directory, program)))
}
