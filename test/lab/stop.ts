import { expectRoot } from './programs/system-needs.ts'
import { labRecords } from './remains/lab-record.ts'
import { removeAbandonedLabs, removeLab } from './remains/remove-lab.ts'

/** Stops the labs that were left up on purpose (`--keep`), and removes what dead ones left. Labs in use are not touched. */
expectRoot('stopping a lab')
await removeAbandonedLabs()
const kept = (await labRecords()).filter(({ owner }) => owner === undefined)
for (const { id, name } of kept) {
  await removeLab(id)
  process.stdout.write(`stopped the lab ${name} (${id})\n`)
}
if (kept.length === 0) process.stdout.write('no lab was left up\n')
