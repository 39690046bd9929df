import { readdir, readlink, rm, symlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import path from 'node:path'

/**
 * Packages link to absolute paths, such as Java's configuration below /etc. In a tree that is unpacked beside the system
 * such a link is made to lead to the tree's own file.
 */
export async function keepLinksInside(tree: string): Promise<void> {
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue
    const link = path.join(entry.parentPath, entry.name)
    const target = await readlink(link)
    const inside = path.join(tree, target)
    if (!path.isAbsolute(target) || !existsSync(inside)) continue
    await rm(link)
    await symlink(path.relative(path.dirname(link), inside), link)
  }
}
