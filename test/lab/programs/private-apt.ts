import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { withProgress } from '../processes/progress.ts'
import { outputOf } from '../processes/run-program.ts'
import { debianArchive } from './debian-archive.ts'

/**
 * apt with lists, cache and sources of its own for one Debian release: it can fetch packages of any release while the
 * system's sources, lists and installed packages stay as they are.
 */
export class PrivateApt {
  readonly #directory: string
  readonly #suite: string

  constructor(suite: string, directory: string) {
    this.#suite = suite
    this.#directory = path.join(directory, suite)
  }

  /** Downloads the packages as .deb files into `directory`, after reading the release's lists if they are missing. */
  async download(packages: readonly string[], directory: string): Promise<void> {
    await this.#prepare()
    const what = `downloading ${packages.join(', ')} of Debian ${this.#suite}`
    await withProgress(what, async () => {
      const download = () => this.#aptGet(['download', ...packages], directory)
      // Lists read long ago may name versions that the mirror has replaced.
      await download().catch(() => this.#readLists().then(download))
    })
  }

  async #prepare(): Promise<void> {
    const lists = path.join(this.#directory, 'lists')
    for (const part of ['lists/partial', 'cache/archives/partial']) {
      await mkdir(path.join(this.#directory, part), { recursive: true })
    }
    const { mirror, keyRing } = await debianArchive()
    await writeFile(
      path.join(this.#directory, 'sources.list'),
      `deb [signed-by=${keyRing}] ${mirror} ${this.#suite} main\n`,
    )
    await writeFile(path.join(this.#directory, 'status'), '')
    if ((await readdir(lists)).some(name => name.includes('_Packages'))) return
    await this.#readLists()
  }

  async #readLists(): Promise<void> {
    const what = `reading the package lists of Debian ${this.#suite}`
    await withProgress(what, () => this.#aptGet(['update'], this.#directory))
  }

  async #aptGet(args: readonly string[], cwd: string): Promise<string> {
    const settings = {
      'Dir::Etc::SourceList': path.join(this.#directory, 'sources.list'),
      'Dir::Etc::SourceParts': '/dev/null',
      'Dir::Etc::Preferences': '/dev/null',
      'Dir::Etc::PreferencesParts': '/dev/null',
      'Dir::State::Lists': path.join(this.#directory, 'lists'),
      'Dir::State::Status': path.join(this.#directory, 'status'),
      'Dir::Cache': path.join(this.#directory, 'cache'),
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '3',
      'APT::Update::Error-Mode': 'any',
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    return outputOf('apt-get', ['-q', ...options, ...args], { cwd, deadline: 300_000 })
  }
}
