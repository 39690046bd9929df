import type { Option } from './option.ts'
import { bindingOptions } from './options/binding-section.ts'
import { defaultOptions } from './options/default-section.ts'
import { embeddedOptions, fabricOptions, neutronServiceOptions, storeOptions } from './options/embedded-sections.ts'
import { neutronOptions } from './options/neutron-section.ts'
import { sharingOptions } from './options/sharing-section.ts'

type ValuesOf<Options> = { readonly [Name in keyof Options]: Options[Name] extends Option<infer T> ? T : never }

/** The typed values of all options, under their own names: `config.DEFAULT.kuryr_uri`, `config.fabric.local_ip`. */
export interface Config {
  readonly DEFAULT: ValuesOf<typeof defaultOptions>
  readonly neutron: ValuesOf<typeof neutronOptions>
  readonly binding: ValuesOf<typeof bindingOptions>
  readonly store: ValuesOf<typeof storeOptions>
  readonly sharing: ValuesOf<typeof sharingOptions>
  readonly embedded: ValuesOf<typeof embeddedOptions>
  readonly fabric: ValuesOf<typeof fabricOptions>
  readonly neutron_service: ValuesOf<typeof neutronServiceOptions>
}

/** A section of the file. */
export interface Section {
  /** One sentence on what its options are about. */
  readonly about: string
  readonly options: Readonly<Record<string, Option<unknown>>>
}

/** Every section with every option: the one declaration that all else follows from. */
export const optionTable: Readonly<Record<keyof Config, Section>> = {
  DEFAULT: { about: 'The plugin itself, its logs, and what Docker is told.', options: defaultOptions },
  store: { about: 'Where the embedded Neutron keeps its resources.', options: storeOptions },
  sharing: {
    about: 'Networks that are made on one host and are on all, without a cluster store.',
    options: sharingOptions,
  },
  fabric: { about: 'How the hosts are joined under the embedded Neutron.', options: fabricOptions },
  embedded: { about: 'What the embedded Neutron chooses by itself.', options: embeddedOptions },
  neutron_service: { about: 'The embedded Neutron’s REST API.', options: neutronServiceOptions },
  neutron: { about: 'How networks are used, and how OpenStack’s Neutron is reached.', options: neutronOptions },
  binding: { about: 'The container’s end of a port.', options: bindingOptions },
}

/** An option with its name and section. */
export interface NamedOption {
  readonly section: keyof Config
  readonly name: string
  readonly option: Option<unknown>
}

/** Every option of {@link optionTable}, in its order. */
export const allOptions: readonly NamedOption[] = (Object.keys(optionTable) as (keyof Config)[]).flatMap(section =>
  Object.entries(optionTable[section].options).map(([name, option]) => ({ section, name, option })),
)

/** Whether `name` is a section of ours. Sections are written as they are named here: `[DEFAULT]`, `[neutron]`. */
export function isSection(name: string): name is keyof Config {
  return Object.hasOwn(optionTable, name)
}

/** The option of that name in that section. Dashes count as underscores, as in oslo.config. */
export function findOption(section: keyof Config, name: string): NamedOption | undefined {
  const { options } = optionTable[section]
  const underscored = name.replaceAll('-', '_')
  const option = Object.hasOwn(options, underscored) ? options[underscored] : undefined
  return option && { section, name: underscored, option }
}

/** The option that has `name` as an older name. */
export function findByAlias(section: keyof Config, name: string): NamedOption | undefined {
  const underscored = name.replaceAll('-', '_')
  return allOptions.find(named => named.section === section && named.option.aliases.includes(underscored))
}
