import { defineConfig } from 'vitest/config'

/** On a real neutron-server and Keystone. */
const neutron = [
  'test/integration/openstack/**/*.test.ts',
  'test/lab/openstack/**/*.test.ts',
  'test/contract/neutron-openstack.test.ts',
]

/**
 * Six kinds of tests, each a project: `unit` beside the sources; `integration` on real stores, kernel namespaces and
 * sockets; `neutron` on a real neutron-server and Keystone; `fuzz`; `e2e` on real Docker hosts; `openstack` with the agents
 * of a whole OpenStack network service around them. But for unit tests and fuzz, the files of a kind own machine-wide
 * things and run one after another.
 */
export default defineConfig({
  test: {
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'test/repository/**/*.test.ts'] } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/contract/**/*.test.ts', 'test/lab/**/*.test.ts'],
          exclude: neutron,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: { name: 'neutron', include: neutron, testTimeout: 120_000, hookTimeout: 240_000, fileParallelism: false },
      },
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        // Minutes long: `npm run test:openstack`.
        test: {
          name: 'openstack',
          include: ['test/openstack/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
