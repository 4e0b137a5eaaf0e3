import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts', 'console/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'tests/browser/**', 'tests/engines/**'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
