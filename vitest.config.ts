import { defineConfig } from 'vitest/config'

/**
 * Five kinds of tests, each a project: `unit` beside the sources; `integration` on real stores, kernel namespaces and
 * sockets; `fuzz`; `e2e` on real Docker hosts;
 * `openstack` with the agents of a whole OpenStack network service around them. Integration and end-to-end tests own machine-wide things, so their files
 * run one after another.
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
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
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
