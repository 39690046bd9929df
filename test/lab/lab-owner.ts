import { removeLab } from './remains/remove-lab.ts'

const owned = new Set<string>()
const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** From now on, a signal that ends this process first removes the lab. */
export function ownLab(id: string): void {
  if (owned.size === 0) for (const signal of signals) process.on(signal, removeAllAndEnd)
  owned.add(id)
}

/** The lab is gone, or is not this process's to remove any more. */
export function disownLab(id: string): void {
  owned.delete(id)
  if (owned.size === 0) for (const signal of signals) process.off(signal, removeAllAndEnd)
}

/** A second signal ends the process at once: what is then left, the next start of a lab removes. */
function removeAllAndEnd(signal: NodeJS.Signals): void {
  for (const each of signals) process.off(each, removeAllAndEnd)
  process.stderr.write(`lab: ${signal}: removing ${owned.size === 1 ? 'the lab' : `${owned.size} labs`} …\n`)
  void Promise.allSettled([...owned].map(id => removeLab(id))).then(() => process.kill(process.pid, signal))
}
