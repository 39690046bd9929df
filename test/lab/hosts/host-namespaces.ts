import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { outputOf, runProgram, systemPath, type ProgramResult, type ProgramRun } from '../processes/run-program.ts'
import { labMark, namespaceName } from '../remains/lab-record.ts'

/**
 * What makes the new mount namespace look like another machine: an empty /run, and private writable copies of /etc and
 * /opt (containerd makes a directory there) with an empty /etc/docker. Mounts of other network namespaces are let go, else
 * they would live as long as this host.
 */
const becomeAnotherMachine = `
set -eu
hostname "$1"
umount --recursive --lazy /run/netns 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs /run
for directory in etc opt; do
  mkdir -p "/run/private/$directory/upper" "/run/private/$directory/work"
  mount -t overlay -o "lowerdir=/$directory,upperdir=/run/private/$directory/upper,workdir=/run/private/$directory/work" \\
    overlay "/$directory"
done
mkdir -p /run/docker/plugins /run/netns /run/lock /etc/docker
mount -t tmpfs -o mode=755 tmpfs /etc/docker
echo "$1" >/etc/hostname
echo ready
exec sleep infinity >/dev/null 2>&1
`

/**
 * The network, mount and host name namespaces of one Docker host, kept by a process that does nothing else: dockerd can be
 * killed and started again in them with its own mounts still there.
 */
export class HostNamespaces {
  readonly #holder: number
  readonly #id: string

  private constructor(id: string, holder: number) {
    this.#id = id
    this.#holder = holder
  }

  /** Makes them for the machine `name` of a lab whose wire is laid. */
  static async make(id: string, name: string): Promise<HostNamespaces> {
    const inNetwork = [`--net=/run/netns/${namespaceName(id, name)}`, 'unshare', '--mount', '--uts']
    const holder = spawn('nsenter', [...inNetwork, 'sh', '-c', becomeAnotherMachine, 'sh', name], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { LC_ALL: 'C', PATH: systemPath(), [labMark]: id },
    })
    let complaint = ''
    holder.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    const ended = once(holder, 'close').then(() => false)
    const ready = await Promise.race([once(holder.stdout, 'data').then(() => true), ended])
    if (!ready || holder.pid === undefined)
      throw new Error(`cannot make the namespaces of ${name}: ${complaint.trim()}`)
    holder.stdout.destroy()
    holder.stderr.destroy()
    holder.unref()
    return new HostNamespaces(id, holder.pid)
  }

  /** The file `file` of the host, as other processes of this machine can reach it. */
  outside(file: string): string {
    return `/proc/${this.#holder}/root${file}`
  }

  /** The command line that runs `command` inside of them, and the environment that it needs. */
  enter(command: readonly [string, ...string[]]): {
    program: string
    args: string[]
    environment: Record<string, string>
  } {
    const args = ['--target', String(this.#holder), '--mount', '--net', '--uts', '--', ...command]
    return { program: 'nsenter', args, environment: { [labMark]: this.#id } }
  }

  /** Runs a program inside of them to its end, whatever its status. */
  run(command: readonly [string, ...string[]], run: ProgramRun = {}): Promise<ProgramResult> {
    const { program, args, environment } = this.enter(command)
    return runProgram(program, args, { ...run, environment: { ...environment, ...run.environment } })
  }

  /** As {@link run}; returns what it printed. @throws ProgramFailed for any status but 0. */
  output(command: readonly [string, ...string[]], run: ProgramRun = {}): Promise<string> {
    const { program, args, environment } = this.enter(command)
    return outputOf(program, args, { ...run, environment: { ...environment, ...run.environment } })
  }
}
