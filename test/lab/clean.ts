import { removeAbandonedLabs } from './remains/remove-lab.ts'

/** Removes what labs of dead processes left on this machine. Live labs are not touched. */
const removed = await removeAbandonedLabs()
process.stdout.write(removed.length === 0 ? 'no lab was left behind\n' : `removed: ${removed.join(', ')}\n`)
