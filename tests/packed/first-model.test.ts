import { existsSync, readFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'
import { toolPath } from '../../scripts/tool-path.ts'
import { codeDigest } from '../../src/models/training/pipeline/code-digest.ts'
import { loadedBy } from '../../src/platform/cli/loaded-modules.fixture.ts'
import { readmeCommands } from './readme.ts'
import { interrupt, runInShell, startInShell, untilItSays } from './user.ts'

const root = join(import.meta.dirname, '../..')
const BUILD = `"${process.execPath}" scripts/build.ts`
const INSTALL = 'npm install trueline'
const UP = 'npx trueline up'

async function succeed(line: string, folder: string): Promise<string> {
  const { code, stdout, stderr } = await runInShell(line, folder)
  expect(code, `${line}\n${stdout}\n${stderr}`).toBe(0)
  return stdout
}

let empty: Awaited<ReturnType<typeof mkdtempDisposable>>
let packed: { readonly filename: string; readonly files: readonly { readonly path: string }[] }

beforeAll(async () => {
  empty = await mkdtempDisposable(join(tmpdir(), 'trueline-packed-'))
  await succeed(BUILD, root)
  ;[packed] = JSON.parse(await succeed(`npm pack --json --pack-destination "${empty.path}"`, root))
}, 300_000)

afterAll(async () => {
  await empty[Symbol.asyncDispose]()
})

test('the package, built, packed and installed, takes the first model of the README from nothing to an audit', async () => {
  const port = await freePort()
  const [before, after] = readmeCommands('A first model of your own, in ten minutes') as [string[], string[]]
  expect(before).toContain(INSTALL)
  expect(before.at(-1)).toBe(UP)
  expect(after.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    expect.stringMatching(/^curl http:/),
    'npx trueline trace',
    'npx trueline replay',
    'npx trueline features',
    'npx trueline status',
  ])

  const install = `npm install --ignore-scripts --no-audit --no-fund --prefer-offline "../${packed.filename}"`
  await succeed([...before.slice(0, -1)].join('\n').replace(INSTALL, install), empty.path)
  const shop = join(empty.path, 'shop')

  const platform = startInShell(`exec ${UP} --port ${port}`, shop)
  try {
    await untilItSays(platform, 'is up on')
    let prediction = ''
    for (const line of after) {
      const said = await succeed(line.replace(':7700', `:${port}`).replace('PREDICTION_ID', prediction), shop)
      if (line.startsWith('curl')) prediction = /"prediction_id":"([^"]+)"/.exec(said)?.[1] ?? ''
      if (line.includes(' trace ')) expect(said).toMatch(/customer_orders\.orders_90d .* @\d+/)
      if (line.includes(' replay ')) expect(said).toContain('the same to the bit')
      if (line.includes(' audit')) expect(said).toMatch(/^1 prediction recomputed .* 0 mismatches, 0 unverifiable/)
      if (line.includes(' status')) expect(said).toContain('sent_back v2')
    }
    const console = await fetch(`http://127.0.0.1:${port}/`)
    expect(await console.text()).toContain('<div id="root">')
  } finally {
    await interrupt(platform)
  }

  expect(await succeed('npx trueline-conformance --help', shop)).toMatch(/^npx trueline-conformance --model NAME/)
  await succeed('npx trueline runbook data_drift', shop)
  const demo = await runInShell('npx trueline demo', shop)
  expect(demo).toMatchObject({ code: 1, stderr: expect.stringContaining('npm install vega-datasets') })
  // The declarations are enough to check a project with, and find what is misspelt.
  const check = `"${process.execPath}" "${toolPath('typescript')}" --noEmit --strict --target es2023 --module nodenext --types ""`
  await succeed(`${check} trueline.config.ts`, shop)
  await succeed(`sed "s/mean('amount')/mean('ammount')/" trueline.config.ts > misspelt.config.ts`, shop)
  const misspelt = await runInShell(`${check} misspelt.config.ts`, shop)
  expect(misspelt).toMatchObject({ stdout: expect.stringContaining('ammount') })
  expect(misspelt.code).not.toBe(0)
}, 300_000)

test('what the command line reads from the package is in it', () => {
  const paths = new Set(packed.files.map(({ path }) => path))
  for (const path of [
    'docs/errors.md',
    'docs/runbooks/data_drift.md',
    'examples/first-model/trueline.config.ts',
    'examples/flights/trueline.config.ts',
    'dist/platform/cli/main.js',
    'dist/platform/app/training-child.js',
    'dist/index.d.ts',
  ])
    expect(paths, path).toContain(path)
  expect([...paths].filter((path) => /\.test\.|\.fixture\.|stats\/testing/.test(path))).toEqual([])
  expect(existsSync(join(root, 'dist/console/index.html'))).toBe(true)
})

test('the package is few files to load, and says of itself which sources it was built from', async () => {
  const opened = await loadedBy(join(root, 'dist/platform/cli/main.js'), ['models', '--config', 'none.ts', '--json'])
  expect(JSON.parse(opened.stdout)).toMatchObject({ code: 'config_not_found' })
  expect(opened.own).toBeLessThan(200)
  expect(opened.fetches).toBe(false)
  expect(opened.packages.filter((name) => /^(typebox|kysely|@duckdb\/node-api)/.test(name))).toEqual([])
  expect(readFileSync(join(root, 'dist/platform/app/training-child.js'), 'utf8')).toContain(codeDigest())
})
