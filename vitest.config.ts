import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts', 'console/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'tests/browser/**', 'tests/engines/**'],
    pool: 'forks',
    // Many tests wait for processes and disks: a second worker uses that time also where there are two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
