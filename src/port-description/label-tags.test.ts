import { describe, expect, it } from 'vitest'
import { labelTags } from './label-tags.ts'

const tag = (label: string): string => `docker.label:${label}`

describe('the tags of labels', () => {
  it('are by key, whatever order the engine tells them in', () => {
    expect(labelTags({ b: '2', a: '1', 'a.b/c': 'x=y' })).toEqual(['a=1', 'a.b/c=x=y', 'b=2'].map(tag))
    expect(labelTags({ empty: '' })).toEqual([tag('empty=')])
    expect(labelTags({})).toEqual([])
  })

  it('of tooling are none but the Compose project and service', () => {
    const compose = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'db' }
    const others = {
      'com.docker.compose.config-hash': '1',
      'com.docker.compose.project.working_dir': '/srv',
      'io.docker.x': '1',
      'org.dockerproject.x': '1',
      'org.opencontainers.image.title': 'Debian',
      'org.label-schema.name': 'x',
    }
    expect(labelTags({ ...compose, ...others, 'com.dockerish': '1', 'org.example': '2' })).toEqual(
      ['com.docker.compose.project=shop', 'com.docker.compose.service=db', 'com.dockerish=1', 'org.example=2'].map(tag),
    )
  })

  it.each([
    ['a comma in the value', { a: '1,2' }],
    ['a comma in the key', { 'a,b': '1' }],
    ['a line break', { a: '1\n2' }],
    ['a control character', { a: '\u007f' }],
    ['an emoji', { a: '🐳' }],
    ['an accent', { größe: '1' }],
    ['256 characters', { a: 'x'.repeat(256 - tag('a=').length) }],
  ])('leave out a label with %s, and keep the others', (_, labels) => {
    expect(labelTags({ ...labels, z: '1' })).toEqual([tag('z=1')])
  })

  it('have up to 255 characters', () => {
    const value = 'x'.repeat(255 - tag('a=').length)
    expect(labelTags({ a: value })).toEqual([tag(`a=${value}`)])
  })

  it('that a database may take for one another are one', () => {
    expect(labelTags({ Team: 'Net', team: 'net', TEAM: 'other' })).toEqual(['TEAM=other', 'Team=Net'].map(tag))
    expect(labelTags({ a: '1 ' })).toEqual([tag('a=1')])
  })
})
