// Everything that can be said about the code without running the system: format, lint, types, floors, unused code.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { toolPath } from './tool-path.ts'

const root = join(import.meta.dirname, '..')
const steps: [name: string, tool: string, args: string[]][] = [
  ['format and lint', '@biomejs/biome', ['check', '--error-on-warnings', '.']],
  ['types', 'typescript', ['-p', '.']],
  ['types of the console', 'typescript', ['-p', 'console']],
  ['floors', 'vitest', ['run', 'tests/architecture.test.ts']],
  ['unused code', 'knip', []],
]

let failed = 0
for (const [name, tool, args] of steps) {
  console.log(`\n== ${name}`)
  const result = spawnSync(process.execPath, [toolPath(tool), ...args], { cwd: root, stdio: 'inherit' })
  if (result.status !== 0) {
    failed += 1
    console.log(`== ${name}: failed`)
  }
}
console.log(failed === 0 ? '\ncheck: all good' : `\ncheck: ${failed} of ${steps.length} failed`)
process.exitCode = failed === 0 ? 0 : 1
