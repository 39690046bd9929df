/**
 * For each line on standard input: puts a key by one connection, waits for the event on a watch of another, and prints the
 * milliseconds between. `bin/node bench/bare-watch.ts ENDPOINT`: run by bench/sharing.ts where etcd is reached.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { BareEtcd } from './bare-etcd.ts'

const endpoint = process.argv[2] ?? '127.0.0.1:2379'
const key = '/floor/watched'
const [writer, watcher] = [new BareEtcd(endpoint), new BareEtcd(endpoint)]
const answers = new EventTarget()
const nextAnswer = (): Promise<unknown> => once(answers, 'answer')

const standing = nextAnswer()
watcher.watch(key, () => answers.dispatchEvent(new Event('answer')))
await standing
for await (const value of createInterface({ input: process.stdin })) {
  const event = nextAnswer()
  const began = performance.now()
  void writer.put(key, value)
  await event
  process.stdout.write(`${performance.now() - began}\n`)
}
writer.close()
watcher.close()
process.exit()
