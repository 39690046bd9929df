import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** Where Debian packages come from, and the key ring that their signatures are checked with. */
export interface DebianArchive {
  mirror: string
  keyRing: string
}

const officialKeyRing = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * The Debian archive that this machine's own apt sources name (both formats are read, see sources.list(5)). The sources
 * are only read.
 * @throws Error if they name none, or if there is no Debian key ring to check signatures with.
 */
export async function debianArchive(configuration = '/etc/apt'): Promise<DebianArchive> {
  const found = parseSources(await sourceTexts(configuration)).find(source => isDebianArchive(source.mirror))
  if (found === undefined) {
    throw new Error(`expected a Debian archive (http…/debian) in the apt sources below ${configuration}: add one`)
  }
  const archive = { mirror: found.mirror, keyRing: found.keyRing ?? officialKeyRing }
  if (!existsSync(archive.keyRing)) {
    throw new Error(`expected Debian's key ring at ${archive.keyRing}: install the package debian-archive-keyring`)
  }
  return archive
}

/** Security and update archives have other paths: only the main one holds every release. */
function isDebianArchive(mirror: string): boolean {
  return /^https?:\/\/.*\/debian\/?$/.test(mirror)
}

interface Source {
  mirror: string
  keyRing?: string
}

/** The archives named in texts of the one-line format and of the deb822 format. */
export function parseSources(texts: readonly { name: string; text: string }[]): Source[] {
  return texts.flatMap(({ name, text }) => (name.endsWith('.sources') ? parseStanzas(text) : parseLines(text)))
}

function parseStanzas(text: string): Source[] {
  const withoutComments = text.replace(/^#.*\n?/gm, '')
  return withoutComments.split(/\n\s*\n/).flatMap(stanza => {
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(\\S+)`, 'im').exec(stanza)?.[1]
    const mirror = field('URIs')
    return mirror === undefined || field('Enabled') === 'no' ? [] : [source(mirror, field('Signed-By'))]
  })
}

function parseLines(text: string): Source[] {
  return [...text.matchAll(/^deb\s+(?:\[(?<options>[^\]]*)\]\s+)?(?<mirror>\S+)/gm)].map(({ groups }) =>
    source(groups?.mirror ?? '', /signed-by=(\S+)/i.exec(groups?.options ?? '')?.[1]),
  )
}

/** A key given inline or by fingerprint, as Signed-By also allows, is no file: Debian's own ring serves then. */
function source(mirror: string, signedBy: string | undefined): Source {
  return signedBy?.startsWith('/') ? { mirror, keyRing: signedBy } : { mirror }
}

async function sourceTexts(configuration: string): Promise<{ name: string; text: string }[]> {
  const parts = path.join(configuration, 'sources.list.d')
  const names = existsSync(parts) ? await readdir(parts) : []
  const files = names.filter(name => /\.(list|sources)$/.test(name)).map(name => path.join(parts, name))
  const present = [path.join(configuration, 'sources.list'), ...files.sort()].filter(file => existsSync(file))
  return Promise.all(present.map(async name => ({ name, text: await readFile(name, 'utf8') })))
}
