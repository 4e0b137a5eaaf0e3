// Makes a fresh clone ready to run: dependencies, node 24, the console. Plain JavaScript, because it must run on the
// node that the machine happens to have. Writes to stderr only, so that the stdout of a command stays data.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { findNode24 } from './node24.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Installs what is missing and builds the console; returns the node 24 to run everything else with. */
export function setUp() {
  installDependencies()
  const node = findNode24(root)
  if (node === undefined) {
    fail(
      `Trueline needs node 24 or newer; this is node ${process.versions.node}, and the npm registry has no node 24 package for ${process.platform}-${process.arch}. Install node 24 and run the command again.`,
    )
  }
  buildConsole(node)
  return node
}

function installDependencies() {
  const modules = join(root, 'node_modules')
  const stamp = join(modules, '.trueline-lock')
  const wanted = digestOf([join(root, 'package-lock.json')])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const command = existsSync(join(modules, '.package-lock.json')) ? 'install' : 'ci'
  say(`setup: installing dependencies (npm ${command}), which takes some minutes ...`)
  run('npm', [command, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, digestOf([join(root, 'package-lock.json')]))
}

function buildConsole(node) {
  const source = join(root, 'console')
  const output = join(root, 'dist', 'console')
  const stamp = join(output, '.source-digest')
  const wanted = digestOf([
    ...filesBelow(join(source, 'src')),
    join(source, 'index.html'),
    join(source, 'vite.config.ts'),
  ])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  say('setup: building the console ...')
  run(node, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', source, '--logLevel', 'error'])
  mkdirSync(output, { recursive: true })
  writeFileSync(stamp, wanted)
  say('setup: done')
}

function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .sort()
}

function digestOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) if (existsSync(path)) hash.update(path.slice(root.length)).update(readFileSync(path))
  return hash.digest('hex')
}

function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) fail(`setup: '${command} ${args.join(' ')}' failed; its output is above.`)
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(2)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp()
