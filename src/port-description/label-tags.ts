import { containerLabelTag } from '../ownership/marks.ts'

/** Labels of tooling (the namespaces that Docker reserves) and of how an image was made: they tell nothing of the container. */
const TOOLING = ['com.docker.', 'io.docker.', 'org.dockerproject.', 'org.opencontainers.', 'org.label-schema.']
const WANTED_OF_TOOLING = ['com.docker.compose.project', 'com.docker.compose.service']

/** Characters of a tag at most. */
const LONGEST_TAG = 255

/**
 * The tags that tell a container's labels, by key. Left out are those of tooling, but for the Compose project and service,
 * and those that not every Neutron can hold as a tag: longer than 255 characters, with a comma, with anything but printable
 * ASCII. On MySQL Neutron fails on an emoji, and tries for minutes to add two tags that differ in case, in accents or in
 * blanks at the end only (measured: neutron-server 21 on MariaDB 10.11).
 */
export function labelTags(labels: Readonly<Record<string, string>>): string[] {
  const seen = new Set<string>()
  const tags: string[] = []
  for (const key of Object.keys(labels).filter(isTold).sort()) {
    const tag = containerLabelTag(key, labels[key] ?? '').trimEnd()
    if (!isTag(tag) || seen.has(tag.toLowerCase())) continue
    seen.add(tag.toLowerCase())
    tags.push(tag)
  }
  return tags
}

function isTold(key: string): boolean {
  return WANTED_OF_TOOLING.includes(key) || !TOOLING.some(start => key.startsWith(start))
}

function isTag(text: string): boolean {
  return text.length <= LONGEST_TAG && /^[\x20-\x7e]+$/.test(text) && !text.includes(',')
}
