import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { outputOf } from './processes/run-program.ts'
import { busybox } from './programs/debian-programs.ts'

/** The name of the image that every host of a lab has. */
export const imageName = 'busybox'

/** Packs an image for `docker import` in `directory`, a static busybox with all its applets, and returns its file. */
export async function packImage(directory: string): Promise<string> {
  const program = await busybox()
  const root = path.join(directory, 'image')
  for (const name of ['bin', 'etc', 'tmp', 'root', 'www']) await mkdir(path.join(root, name), { recursive: true })
  await copyFile(program, path.join(root, 'bin/busybox'))
  const applets = (await outputOf(program, ['--list'])).split('\n').filter(name => name !== '' && name !== 'busybox')
  await Promise.all(applets.map(name => symlink('busybox', path.join(root, 'bin', name))))
  await writeFile(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  await writeFile(path.join(root, 'etc/group'), 'root:x:0:\n')
  const file = path.join(directory, 'image.tar')
  await outputOf('tar', ['--owner=0', '--group=0', '--numeric-owner', '-C', root, '-cf', file, '.'])
  return file
}
