import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { outputOf, runProgram, systemPath } from '../processes/run-program.ts'
import { underLock } from './cache-lock.ts'
import { keepLinksInside } from './inner-links.ts'
import { PrivateApt } from './private-apt.ts'
import { expectRoot } from './system-needs.ts'

/** Programs of Debian packages, unpacked beside the system: nothing of them is installed, no service of them starts. */
export class UnpackedPrograms {
  /** Where the packages' files are, laid out as they would be below `/`. */
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  /** The file of a program. @throws Error if the packages have no such program. */
  path(program: string): string {
    const file = this.programDirectories()
      .map(directory => path.join(directory, program))
      .find(candidate => existsSync(candidate))
    if (file === undefined) throw new Error(`expected a program ${program} below ${this.root}: delete it, it is remade`)
    return file
  }

  /** The directories of this tree that hold programs. */
  programDirectories(): string[] {
    return ['usr/sbin', 'usr/bin', 'sbin', 'bin']
      .map(directory => path.join(this.root, directory))
      .filter(directory => existsSync(directory))
  }

  /** The directories of this tree that hold shared libraries. */
  libraryDirectories(): string[] {
    const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
    return ['usr/lib', 'lib'].map(part => path.join(this.root, part, triplet)).filter(found => existsSync(found))
  }

  /** @throws Error if this system's libraries are too old for one of the programs. */
  async expectRunnable(...names: string[]): Promise<void> {
    for (const name of names) {
      const tooOld = /version `([^']+)' not found/.exec(await linkedLibraries(this.path(name)))
      if (tooOld === null) continue
      throw new Error(`${this.path(name)} wants ${tooOld[1] ?? ''}, which this system lacks: use a newer Debian`)
    }
  }

  /** Whether a program of this tree needs a shared library that this system does not have. */
  async lacksLibraries(): Promise<boolean> {
    for (const directory of this.programDirectories()) {
      for (const name of await readdir(directory)) {
        if ((await linkedLibraries(path.join(directory, name))).includes('=> not found')) return true
      }
    }
    return false
  }
}

/** What ldd says of a program; nothing for a static one and for a script, which lack nothing. */
async function linkedLibraries(file: string): Promise<string> {
  const { stdout, stderr } = await runProgram('ldd', [file])
  return stdout + stderr
}

/**
 * What to add to a process's environment so that programs of these trees find one another (dockerd its containerd and
 * runc), those of the first tree before the others', and, where this system lacks a library that they need, the one that
 * was unpacked with them.
 */
export async function programSearch(trees: readonly UnpackedPrograms[]): Promise<Record<string, string>> {
  const search = { PATH: [...trees.flatMap(tree => tree.programDirectories()), systemPath()].join(':') }
  const libraries = []
  for (const tree of trees) {
    const directories = tree.libraryDirectories()
    if (directories.length > 0 && (await tree.lacksLibraries())) libraries.push(...directories)
  }
  return libraries.length > 0 ? { ...search, LD_LIBRARY_PATH: libraries.join(':') } : search
}

/** Where unpacked packages are kept between runs: KURYR_LAB_CACHE, else /var/cache/kuryr-lab. */
export function cacheDirectory(): string {
  return process.env.KURYR_LAB_CACHE ?? '/var/cache/kuryr-lab'
}

/**
 * The programs of packages of a Debian release (`bookworm`, `trixie` …), downloaded and unpacked at the first use. Two
 * runs at once do not collide, and a killed one leaves nothing that a later one takes for whole.
 */
export async function programs(suite: string, packages: readonly string[]): Promise<UnpackedPrograms> {
  const root = path.join(cacheDirectory(), suite, packages.join('+'))
  if (existsSync(root)) return new UnpackedPrograms(root)
  expectRoot('unpacking the programs of the lab')
  await mkdir(path.dirname(root), { recursive: true })
  await underLock(path.join(cacheDirectory(), 'lock'), async () => {
    if (!existsSync(root)) await unpack(suite, packages, root)
  })
  return new UnpackedPrograms(root)
}

async function unpack(suite: string, packages: readonly string[], root: string): Promise<void> {
  const parent = path.dirname(root)
  for (const left of (await readdir(parent)).filter(name => name.startsWith('.unpacking-'))) {
    await rm(path.join(parent, left), { recursive: true })
  }
  const work = await mkdtemp(path.join(parent, '.unpacking-'))
  const archives = path.join(work, 'archives')
  const tree = path.join(work, 'tree')
  await mkdir(archives)
  await mkdir(tree)
  await new PrivateApt(suite, path.join(cacheDirectory(), 'apt')).download(packages, archives)
  for (const archive of await readdir(archives)) await outputOf('dpkg-deb', ['-x', path.join(archives, archive), tree])
  await keepLinksInside(tree)
  await rename(tree, root)
  await rm(work, { recursive: true })
}
