/** Columns aligned by blanks, two between; the last column as it comes. Each line ends in a newline. */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows].map(row => row.map(oneLine))
  const widths = headings.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)))
  const lines = all.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  return lines.map(line => `${line.trimEnd()}\n`).join('')
}

/** Control characters from outside must not reach the terminal. */
export function oneLine(cell: string): string {
  return cell.replaceAll(/\p{Cc}/gu, character => JSON.stringify(character).slice(1, -1))
}
