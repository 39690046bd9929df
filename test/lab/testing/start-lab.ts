import { startLab } from '../lab.ts'

/**
 * Starts a lab with a running container, prints its id, and waits to be ended: the owner in tests of what happens when an
 * owner ends. With `--keep` it leaves the lab up and ends by itself.
 */
const lab = await startLab({ name: 'owned by another', hosts: 1, kuryr: false })
await lab.host(1).docker('run', '--detach', '--tty', 'busybox')
if (process.argv.includes('--keep')) await lab.keep()
else setInterval(() => undefined, 60_000)
process.stdout.write(`${lab.id}\n`)
