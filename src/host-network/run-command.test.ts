import { describe, expect, it } from 'vitest'
import { fromKernelAnswer } from './iproute/kernel-answer.ts'
import { runCommand } from './run-command.ts'

const node = (script: string) => ({ program: process.execPath, args: ['-e', script], deadline: 10_000 })

describe('runCommand', () => {
  it('feeds standard input and returns standard output', async () => {
    expect(await runCommand({ ...node('process.stdin.pipe(process.stdout)'), input: 'a\nb\n' })).toBe('a\nb\n')
  })

  it('tells the command, its status and what it complained about', async () => {
    const failing = runCommand(node('console.error("File exists"); process.exit(2)'))
    await expect(failing).rejects.toThrow(/-e .* ended with status 2: File exists/)
    await expect(failing.catch(fromKernelAnswer)).resolves.toMatchObject({ failure: 'exists' })
  })

  it('names a program that is not installed', async () => {
    const missing = runCommand({ program: 'no-such-program-here', args: [], deadline: 1000 })
    await expect(missing).rejects.toMatchObject({ failure: 'program-missing' })
  })

  it('ends a program at its deadline', async () => {
    const slow = runCommand({ ...node('setInterval(() => {}, 1000)'), deadline: 300 })
    await expect(slow).rejects.toMatchObject({ failure: 'deadline' })
  })

  it('ends a program when the caller gives up', async () => {
    const abort = new AbortController()
    const slow = runCommand({ ...node('setInterval(() => {}, 1000)'), signal: abort.signal })
    abort.abort()
    await expect(slow).rejects.toMatchObject({ failure: 'aborted' })
  })

  it('survives a program that does not read its input', async () => {
    expect(await runCommand({ ...node('process.exit(0)'), input: 'x'.repeat(1_000_000) })).toBe('')
  })
})
