import type { Extension } from '../neutron/resources.ts'

const descriptions = {
  agent: ['agent', 'The agent management extension.'],
  'allowed-address-pairs': ['Allowed Address Pairs', 'Provides allowed address pairs.'],
  binding: ['Port Binding', 'Expose port bindings of a virtual port to external application.'],
  'default-subnetpools': ['Default Subnetpools', 'Provides ability to mark and use a subnetpool as the default.'],
  'empty-string-filtering': [
    'Empty String Filtering Extension',
    'Allow filtering by attributes with empty string value.',
  ],
  'external-net': ['Neutron external network', 'Adds external network attribute to network resource.'],
  'net-mtu': ['Network MTU', 'Provides MTU attribute for a network resource.'],
  'net-mtu-writable': ['Network MTU (writable)', 'Provides a writable MTU attribute for a network resource.'],
  pagination: ['Pagination support', 'Extension that indicates that pagination is enabled.'],
  'project-id': ['project_id field enabled', 'Extension that indicates that project_id field is enabled.'],
  provider: ['Provider Network', 'Expose mapping of virtual networks to physical networks.'],
  'revision-if-match': [
    'If-Match constraints based on revision_number',
    'Extension indicating that If-Match based on revision_number is supported.',
  ],
  sorting: ['Sorting support', 'Extension that indicates that sorting is enabled.'],
  'standard-attr-description': ['standard-attr-description', 'Extension to add descriptions to standard attributes.'],
  'standard-attr-revisions': [
    'Resource revision numbers',
    'This extension will display the revision number of neutron resources.',
  ],
  'standard-attr-tag': [
    'Tag support for resources with standard attribute',
    'Enables to set tag on resources with standard attribute.',
  ],
  'standard-attr-timestamp': ['Resource timestamps', 'Adds created_at and updated_at fields to all Neutron resources.'],
  subnet_allocation: ['Subnet Allocation', 'Enables allocation of subnets from a subnet pool.'],
} as const

/** The parts of Neutron's API beyond its core that this service has, by Neutron's aliases. */
export const extensions: readonly Extension[] = Object.entries(descriptions).map(([alias, [name, description]]) => ({
  alias,
  name,
  description,
  updated: '2017-01-01T00:00:00-00:00',
  links: [],
}))
