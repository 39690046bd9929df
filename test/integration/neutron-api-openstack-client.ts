import { execFile } from 'node:child_process'
import { access, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const program = '/usr/bin/openstack'

/** What Debian's Python needs to find: its own interpreter, not one that a developer has put before it. */
const systemPath = '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The end of a command: what it printed, and its exit status. */
export interface ClientResult {
  stdout: string
  stderr: string
  status: number
}

/** OpenStack's own clients from Debian's packages, pointed at one network service without authentication. */
export interface OpenStackClient extends AsyncDisposable {
  /** Runs `openstack …`. Rejects only when it cannot be run, or takes longer than a minute. */
  command(...args: string[]): Promise<ClientResult>
  /** Runs `openstack … -f json` and reads its output. @throws Error with what the client said when it fails. */
  json(...args: string[]): Promise<unknown>
  /** Runs a Python program with python-neutronclient at hand; `sys.argv[1]` is the service's URL. */
  python(source: string): Promise<ClientResult>
}

/** Gets the clients ready for the service at `endpoint`, installing them when they are missing. */
export async function openStackClient(endpoint: string): Promise<OpenStackClient> {
  await installClient()
  const home = await mkdtemp(join(tmpdir(), 'kuryr-openstack-client-'))
  // Without the caller's OS_… and clouds.yaml: the client shall know nothing but this endpoint.
  const env = { HOME: home, PATH: systemPath, LANG: 'C.UTF-8' }
  const start = async (file: string, args: readonly string[]): Promise<ClientResult> => {
    try {
      const { stdout, stderr } = await run(file, args, { env, cwd: home, timeout: 60_000 })
      return { stdout, stderr, status: 0 }
    } catch (error) {
      return failed(error)
    }
  }
  const command = async (...args: string[]): Promise<ClientResult> =>
    start(program, ['--os-auth-type', 'none', '--os-endpoint', endpoint, ...args])
  return {
    command,
    json: async (...args) => {
      const { stdout, stderr, status } = await command(...args, '-f', 'json')
      if (status !== 0) throw new Error(`openstack ${args.join(' ')} ended with ${status}: ${stderr}`)
      return JSON.parse(stdout) as unknown
    },
    python: async source => start('/usr/bin/python3', ['-c', source, endpoint]),
    [Symbol.asyncDispose]: async () => rm(home, { recursive: true, force: true }),
  }
}

/** What a failed command said. @throws the error itself when the command did not end by its own will. */
function failed(error: unknown): ClientResult {
  const { code, stdout, stderr } = error as Partial<Record<'code' | 'stdout' | 'stderr', unknown>>
  if (typeof code !== 'number' || typeof stdout !== 'string' || typeof stderr !== 'string') throw error
  return { stdout, stderr, status: code }
}

/** Installs Debian's python3-openstackclient (about 70 packages, 10 s) unless it is there; it says so. */
async function installClient(): Promise<void> {
  if (await exists(program)) return
  process.stderr.write('openstack is missing: installing python3-openstackclient with apt-get\n')
  const shims = await mkdtemp(join(tmpdir(), 'kuryr-apt-'))
  try {
    // Byte-compiling is most of the installation; Python does it when needed.
    await symlink('/bin/true', join(shims, 'py3compile'))
    const lock = ['-o', 'DPkg::Lock::Timeout=600']
    await run('apt-get', [...lock, 'update', '-q'])
    const quick = ['-o', `DPkg::Path=${shims}:${systemPath}`, '-o', 'DPkg::Options::=--force-unsafe-io']
    await run('apt-get', [...lock, ...quick, 'install', '-y', '--no-install-recommends', 'python3-openstackclient'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 16 * 1024 * 1024,
    })
  } finally {
    await rm(shims, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
