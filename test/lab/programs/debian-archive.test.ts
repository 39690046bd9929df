import { describe, expect, it } from 'vitest'
import { parseSources } from './debian-archive.ts'

describe('the archive is found in sources', () => {
  it('of the deb822 format, leaving comments and disabled ones out', () => {
    const text = `Types: deb
# http://old.example/archive/debian
URIs: http://mirror.example/debian
Suites: bookworm
Signed-By: /usr/share/keyrings/own.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian

Types: deb
URIs: http://inline.example/debian
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
`
    expect(parseSources([{ name: 'debian.sources', text }])).toEqual([
      { mirror: 'http://mirror.example/debian', keyRing: '/usr/share/keyrings/own.gpg' },
      { mirror: 'http://inline.example/debian' },
    ])
  })

  it('of the one-line format, with and without options', () => {
    const text = `# deb http://off.example/debian bookworm main
deb http://plain.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/apt/keyrings/k.gpg] https://signed.example/debian bookworm main
deb-src http://source.example/debian bookworm main
`
    expect(parseSources([{ name: 'sources.list', text }])).toEqual([
      { mirror: 'http://plain.example/debian' },
      { mirror: 'https://signed.example/debian', keyRing: '/etc/apt/keyrings/k.gpg' },
    ])
  })
})
