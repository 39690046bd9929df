import { describe, expect, it } from 'vitest'
import { isAtLeast, versionText, versionToSpeak } from './api-version.ts'

describe('the version of the API', () => {
  it.each([
    ['1.41', '1.41', 'Docker 20.10'],
    ['1.45', '1.45', 'Docker 26'],
    ['1.51', '1.51', 'Docker 28.5'],
    ['1.56', '1.51', 'one that is newer than we know'],
    ['1.100', '1.51', 'not compared as a decimal fraction'],
    ['2.0', '1.51', 'it may still speak version 1'],
  ])('of an engine with %s is %s: %s', (offered, spoken) => {
    expect(versionText(versionToSpeak(offered))).toBe(spoken)
  })

  it.each(['1.40', '1.9', '0.99'])('refuses %s, which is too old', offered => {
    expect(() => versionToSpeak(offered)).toThrow(expect.objectContaining({ code: 'version' }))
  })

  it.each([undefined, '', '1', '1.x', 'v1.41', '1.41.0', '-1.41', '1.41 ', '1e3.1'])('refuses %j', offered => {
    expect(() => versionToSpeak(offered)).toThrow(expect.objectContaining({ code: 'unexpected' }))
  })

  it('is compared number by number', () => {
    expect(isAtLeast({ major: 1, minor: 100 }, { major: 1, minor: 48 })).toBe(true)
    expect(isAtLeast({ major: 1, minor: 48 }, { major: 1, minor: 48 })).toBe(true)
    expect(isAtLeast({ major: 1, minor: 5 }, { major: 1, minor: 48 })).toBe(false)
    expect(isAtLeast({ major: 2, minor: 0 }, { major: 1, minor: 48 })).toBe(true)
    expect(isAtLeast({ major: 0, minor: 99 }, { major: 1, minor: 48 })).toBe(false)
  })
})
