// Sets up what is missing, then runs a script or a tool on node 24:
//   run.mjs SCRIPT ARGUMENTS
//   run.mjs --tool NAME ARGUMENTS     the command of a development dependency
//   run.mjs --here SCRIPT ARGUMENTS   in the folder that npm was called in, not in that of the repository
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { setUp } from './setup.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const node = setUp()
const given = process.argv.slice(2)
const [flag, name, ...rest] = given
const args = flag === '--tool' ? [toolPath(name), ...rest] : flag === '--here' ? [join(root, name), ...rest] : given
const folder = flag === '--here' ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd()
// Children that start `node` by name must get the same one.
const path = `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`
const child = spawn(node, args, { cwd: folder, stdio: 'inherit', env: { ...process.env, PATH: path } })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 2) : 2
})

function toolPath(name) {
  const folder = join(root, 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[name])
}
