// Builds what the package carries: the JavaScript of its entry points and the declarations of what a project file imports,
// beside the console, which setup has built into dist/console.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { bundle } from './bundle.ts'
import { toolPath } from './tool-path.ts'

const root = join(import.meta.dirname, '..')
const output = join(root, 'dist')

for (const name of existsSync(output) ? readdirSync(output) : [])
  if (name !== 'console') rmSync(join(output, name), { recursive: true })
run('typescript', ['-p', 'tsconfig.build.json'])
await bundle(join(root, 'src'), output)
// node takes no types off what lies in node_modules.
await bundle(join(root, 'conformance'), join(output, 'conformance'), /^main\.ts$/)
for (const command of ['platform/cli/main.js', 'conformance/main.js']) chmodSync(join(output, command), 0o755)
run('publint', ['--strict'])

/** Ends the build with the tool's exit code when it fails. */
function run(tool: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [toolPath(tool), ...args], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 2)
}
