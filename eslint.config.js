import js from '@eslint/js'
import importX from 'eslint-plugin-import-x'
import tseslint from 'typescript-eslint'

/**
 * The architecture as a rule: for each part, the parts that it may import from. `daemon` is the composition root, the only place that picks
 * concrete parts; `cli` starts it.
 */
const mayImport = {
  etcd: [],
  consul: [],
  zookeeper: [],
  store: ['etcd', 'consul', 'zookeeper'],
  config: [],
  neutron: [],
  keystone: [],
  'openstack-neutron': ['neutron', 'keystone'],
  'neutron-service': ['neutron', 'store'],
  'neutron-api': ['neutron'],
  'docker-plugin': [],
  'docker-engine': [],
  'network-sharing': ['docker-engine', 'docker-plugin', 'neutron', 'ownership', 'store'],
  'port-description': ['docker-engine', 'neutron', 'ownership'],
  'host-network': [],
  ovsdb: [],
  fabric: ['host-network', 'neutron'],
  'port-binding': ['neutron', 'fabric', 'host-network', 'ovsdb'],
  'network-driver': ['neutron', 'docker-plugin', 'port-access', 'port-binding', 'ownership'],
  'ipam-driver': ['neutron', 'docker-plugin', 'port-access', 'port-binding', 'ownership'],
  'port-access': ['neutron', 'docker-plugin', 'ownership'],
  ownership: ['neutron'],
  // One idea each, without knowledge of any part: everybody may use them.
  concurrency: [],
  addressing: [],
}
const everybodyMayImport = ['concurrency', 'addressing']
const everyPart = [...Object.keys(mayImport), 'daemon', 'cli']
const zones = Object.entries(mayImport).map(([part, allowed]) => ({
  target: `./src/${part}`,
  from: everyPart
    .filter(other => other !== part && ![...allowed, ...everybodyMayImport].includes(other))
    .map(other => `./src/${other}`),
  message: `${part} may import only from ${allowed.join(', ') || 'no other part'}: see ARCHITECTURE.md`,
}))

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'coverage'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/extensions': ['.ts'] },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-restricted-paths': ['error', { zones, basePath: import.meta.dirname }],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node:child_process',
              message: 'Only host-network runs commands: it takes argument lists and validates names (docs/decisions).',
            },
          ],
        },
      ],
    },
  },
  {
    // The one door to Linux, and what starts real programs for tests, may run commands.
    files: ['src/host-network/**', 'test/**', 'bench/**'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    // A suite is one function by nature, and a list of cases.
    files: ['**/*.test.ts', '**/*.contract.ts', 'test/**', 'bench/**'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['*.config.js', '*.config.ts'], rules: { 'import-x/no-default-export': 'off' } },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
)
