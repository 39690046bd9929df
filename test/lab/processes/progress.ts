/** Runs `work` and, if it takes longer than two seconds, says on standard error what it is and, at its end, how long. */
export async function withProgress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const announcement = setTimeout(() => process.stderr.write(`lab: ${what} …\n`), 2000)
  try {
    return await work()
  } finally {
    clearTimeout(announcement)
    const seconds = (performance.now() - start) / 1000
    if (seconds >= 2) process.stderr.write(`lab: ${what}: ${seconds.toFixed(1)} s\n`)
  }
}
