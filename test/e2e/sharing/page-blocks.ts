/** A command block of a page: the machines and words after its ```sh, its text, and what the page shows as its output. */
export interface CommandBlock {
  machines: string[]
  /** `install`, `start`, `off` or `silent`, else none: how a test is to run it. */
  manner: string | undefined
  script: string
  /** Lines that the output must have; other lines may stand between. */
  expected: string[]
}

/** The command blocks of a Markdown page, in order, each with the ```text block that follows it. */
export function commandBlocks(page: string): CommandBlock[] {
  const blocks: CommandBlock[] = []
  for (const [, kind = '', words = '', text = ''] of page.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)) {
    if (kind === 'sh') {
      const named = words.split(' ').filter(word => word !== '')
      const machines = named.filter(word => /^(etcd|node\d)$/.test(word))
      blocks.push({ machines, manner: named[machines.length], script: text, expected: [] })
    } else if (kind === 'text') {
      blocks.at(-1)?.expected.push(...text.split('\n').filter(line => line.trim() !== ''))
    }
  }
  return blocks
}

/** The text of the only block of a kind (`ini` …) that has this line. @throws Error if there is none */
export function blockWith(page: string, kind: string, line: string): string {
  const found = [...page.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].find(
    ([, is, text]) => is === kind && text?.includes(line),
  )
  if (!found) throw new Error(`expected a block of ${kind} with ${line}`)
  return found[2] ?? ''
}

/** Whether the script only looks, so that it may be run again until its output is there. */
export function onlyLooks({ script }: CommandBlock): boolean {
  return script
    .trim()
    .split('\n')
    .every(line => /^(docker network ls|kuryr (status|(network|host) (ls|inspect)))\b/.test(line))
}

/** Which of the expected lines an output lacks; what is different in each run (ids, MACs, times, blanks) does not count. */
export function missingLines(expected: readonly string[], output: string): string[] {
  const lines = output.split('\n').map(essence)
  return expected.filter(line => !lines.some(other => other.includes(essence(line))))
}

function essence(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g, 'MAC')
    .replaceAll(/\b[0-9a-f]{12,64}\b/g, 'ID')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
