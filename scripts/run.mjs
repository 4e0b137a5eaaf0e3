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

const PARENT_CHECK_MS = 500

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const node = setUp()
const given = process.argv.slice(2)
const [flag, name, ...rest] = given
const args = flag === '--tool' ? [toolPath(name), ...rest] : flag === '--here' ? [join(root, name), ...rest] : given
const folder = flag === '--here' ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd()
// Children that start `node` by name must get the same one.
const path = `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`
const child = spawn(node, args, { cwd: folder, stdio: 'inherit', env: { ...process.env, ...calledAs(), PATH: path } })
let stopping = false
process.on('SIGTERM', stop)
process.on('SIGHUP', stop)
// A terminal sends it to the child as well, which would take a second one for impatience.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
// npm that is ended ends its shell and tells nobody else. Without npm, whoever began this may go and leave it running.
const parent = process.ppid
if (process.env.npm_lifecycle_event !== undefined)
  setInterval(() => {
    if (process.ppid !== parent) stop()
  }, PARENT_CHECK_MS).unref()
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 2) : 2
})

function stop() {
  if (stopping) return
  stopping = true
  child.kill('SIGTERM')
}

/** What to type in the place of `trueline`, which is on no path here. */
function calledAs() {
  if (!args[0].endsWith(join('cli', 'main.ts')) && !args[0].endsWith('cli/main.ts')) return {}
  const where = folder === root ? '' : ` --prefix ${root}`
  return { TRUELINE_CALLED_AS: `npm${where} run --silent trueline --` }
}

function toolPath(name) {
  const folder = join(root, 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[name])
}
