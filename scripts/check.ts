// Everything that can be said about the code without running the system: format, lint, types, floors, unused code.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

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

function toolPath(name: string): string {
  const folder = join(root, 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { bin: string | Record<string, string> }
  const relative = typeof bin === 'string' ? bin : Object.values(bin)[0]
  if (relative === undefined) throw new Error(`${name} has no command`)
  return join(folder, relative)
}
