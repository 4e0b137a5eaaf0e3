import { enableCompileCache } from 'node:module'
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Processes and threads that tests start need not compile the same modules each time.
const { directory } = enableCompileCache()
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = directory

const units = ['src/**/*.test.ts', 'console/src/**/*.test.ts']
/** They look at memory that all of a process share. */
const alone = ['models/inference/kernel-memory', 'operate/serving/swaps', 'operate/serving/prediction-sink'].map(
  (name) => `src/${name}.test.ts`,
)
const exclude = ['**/node_modules/**', 'tests/browser/**', 'tests/engines/**']

/** Those that take long and are small files, the longest first. */
const long = ['/tests/packed/', '/tests/laws/laws.', '/tests/faults/killed-', '/tests/sources/kill.']

/** A file that takes a minute must not be the last to begin: without times of a run before, the order goes by size. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => long.some((part) => moduleId.includes(part))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    // Tests wait for disks and processes for a good part of their time: a third worker uses it also where there are two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Enough for a machine that is busy with much else; what hangs is still found.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'alone', include: alone, exclude } },
      // The others keep nothing between them: to load their modules once saves as much time as running them takes.
      { extends: true, test: { name: 'units', include: units, exclude: [...exclude, ...alone], isolate: false } },
      { extends: true, test: { name: 'whole', include: ['tests/**/*.test.ts'], exclude, isolate: false } },
    ],
  },
})
