import type { Namespace } from '../link-ops.ts'
import { CommandFailed, runCommand } from '../run-command.ts'
import { fromKernelAnswer } from './kernel-answer.ts'

export interface IprouteOptions {
  /** The namespace that stands for the host's own; the daemon's by default. Tests make several hosts on one machine. */
  hostNamespace?: string
  /** Milliseconds that one command may take. */
  deadline?: number
  signal?: AbortSignal
}

/** Runs iproute2's programs in one of the host's namespaces; failures come as `HostNetworkError`s. */
export class IprouteCommands {
  readonly #hostNamespace: string | undefined
  readonly #limits: { deadline: number; signal?: AbortSignal }

  constructor(options: IprouteOptions) {
    this.#hostNamespace = options.hostNamespace
    this.#limits = { deadline: options.deadline ?? 15_000, ...(options.signal && { signal: options.signal }) }
  }

  /** The host's own namespace as an argument to `netns`, also for a command that runs in another one. */
  get hostNamespacePath(): string {
    return this.#hostNamespace ?? `/proc/${process.pid}/ns/net`
  }

  /** Runs `ip` or `bridge` and returns what it printed. */
  run(program: 'ip' | 'bridge', namespace: Namespace, args: string[]): Promise<string> {
    return this.#run({ program, args: [...this.#enter(namespace), ...args] })
  }

  /** Makes or removes a namespace. Never with `-n`: the name would be bound in a mount namespace that ends with `ip`. */
  async netns(act: 'add' | 'del', name: string): Promise<void> {
    await this.#run({ program: 'ip', args: ['netns', act, name] })
  }

  /**
   * Runs lines as one batch. Never in a process that lives on: it would remember interface indexes that have changed.
   * @param goOn `goOn`: a line that fails does not stop those after it; the call still rejects.
   */
  async batch(
    program: 'ip' | 'bridge',
    namespace: Namespace,
    batch: { lines: string[][]; goOn?: boolean },
  ): Promise<void> {
    if (batch.lines.length === 0) return
    const input = batch.lines.map(words => `${words.join(' ')}\n`).join('')
    const force = batch.goOn === true ? ['-force'] : []
    await this.#run({ program, args: [...this.#enter(namespace), ...force, '-batch', '-'], input })
  }

  /** Runs a batch of deletions, to which "not there" is success. */
  async batchOfDeletions(program: 'ip' | 'bridge', namespace: Namespace, lines: string[][]): Promise<void> {
    try {
      await this.batch(program, namespace, { lines, goOn: true })
    } catch (error) {
      if (!(error instanceof Error && error.cause instanceof CommandFailed)) throw error
      const answers = error.cause.output.split('\n').filter(line => !line.startsWith('Command failed '))
      const absent = /No such file or directory|Cannot find device|No such process|No such device/
      if (!answers.every(answer => answer === '' || absent.test(answer))) throw error
    }
  }

  /** Runs `sysctl` inside a namespace; /proc/sys/net shows the namespace of whoever opens it. */
  async sysctl(namespace: Namespace, settings: string[]): Promise<void> {
    await this.#runInside(namespace, ['sysctl', '-q', '-e', '-w', ...settings])
  }

  /** Runs `ethtool`. */
  async ethtool(namespace: Namespace, args: string[]): Promise<void> {
    await this.#runInside(namespace, ['ethtool', ...args])
  }

  /** For programs that know no namespaces by themselves. */
  async #runInside(namespace: Namespace, command: string[]): Promise<void> {
    const inside = namespace ?? this.#hostNamespace
    const enter = inside === undefined ? [] : ['nsenter', `--net=/run/netns/${inside}`, '--']
    const [program = '', ...args] = [...enter, ...command]
    await this.#run({ program, args })
  }

  #enter(namespace: Namespace): string[] {
    const inside = namespace ?? this.#hostNamespace
    return inside === undefined ? [] : ['-n', inside]
  }

  async #run(command: { program: string; args: string[]; input?: string }): Promise<string> {
    try {
      return await runCommand({ ...command, ...this.#limits })
    } catch (error) {
      throw fromKernelAnswer(error)
    }
  }
}
