import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'trueline-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sources = JSON.stringify(join(import.meta.dirname, '../../index.ts'))
const loader = JSON.stringify(join(import.meta.dirname, 'load-project.ts'))
const visits = `stream('visits', { key: 'user', time: 'at', schema: { user: t.string(), at: t.timestamp() } })`

interface Outcome {
  readonly code?: string
  readonly path?: string
  readonly error?: string
  readonly remedy?: string
  readonly streams?: readonly string[]
  readonly features?: readonly string[]
}

/** Loads a config in a node of its own, as the command line does: the test runner would compile it in its own way. */
function load(name: string, text?: string): Outcome {
  const file = join(folder, name)
  if (text !== undefined) writeFileSync(file, text)
  const script = `
    import { loadProject } from ${loader}
    const names = (group) => Object.keys(group)
    const outcome = await loadProject(${JSON.stringify(file)}).then(
      (project) => ({ streams: names(project.streams), features: names(project.features) }),
      (error) => error,
    )
    console.log(JSON.stringify(outcome))`
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
}

test('a config gives what it exports and all that this mentions', () => {
  const outcome = load(
    'good.config.ts',
    `import { count, entity, features, stream, t } from ${sources}
const visits = ${visits}
const user = entity('user', { user: t.string() })
export const habits: unknown = features('habits', { entity: user, from: visits, select: { visits_1d: count().over('1d') } })
export const unrelated = 5`,
  )
  expect(outcome).toEqual({ streams: ['visits'], features: ['habits'] })
})

test('beside a package.json without a type node warns of nothing but what the file itself warns of', () => {
  const untyped = join(folder, 'untyped')
  mkdirSync(untyped)
  writeFileSync(join(untyped, 'package.json'), '{}')
  const file = join(untyped, 'trueline.config.ts')
  writeFileSync(
    file,
    `import { entity, t } from ${sources}
export const user = entity('user', { user: t.string() })
process.emitWarning('Of the file.', { code: 'OWN' })`,
  )
  const script = `import { loadProject } from ${loader}
await loadProject(${JSON.stringify(file)})`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect({ status, warnings: stderr.match(/\[[A-Z_]+\]/g) }).toEqual({ status: 0, warnings: ['[OWN]'] })
})

test('a file that is not there', () => {
  const outcome = load('missing.config.ts')
  expect(outcome).toMatchObject({ code: 'config_not_found', path: join(folder, 'missing.config.ts') })
})

test('a syntax error names the line', () => {
  const outcome = load('syntax.config.ts', 'const a = 1\nconst b: = 2\n')
  expect(outcome).toMatchObject({ code: 'config_invalid', path: `${join(folder, 'syntax.config.ts')}:2` })
  expect(outcome.error).toContain('SyntaxError')
})

test('TypeScript that must be compiled, an import that is not there, and an error while running name the place too', () => {
  const line = (name: string, text: string) => load(name, text).path?.replace(folder, '')
  expect(line('enum.config.ts', '\n\nexport enum A { B }')).toBe('/enum.config.ts:3')
  expect(line('import.config.ts', `import { strem } from ${sources}`)).toBe('/import.config.ts:1')
  expect(line('throw.config.ts', 'const a: unknown = undefined\nexport const b = (a as string).length')).toBe(
    '/throw.config.ts:2',
  )
  expect(line('duration.config.ts', `import { count } from ${sources}\n\ncount().over('1 h' as '1h')`)).toBe(
    '/duration.config.ts:3, a window',
  )
})

test('a misspelt import comes with the nearest name that there is', () => {
  const outcome = load('misspelt.config.ts', `import { strem } from ${sources}`)
  expect(outcome).toMatchObject({ code: 'config_invalid', remedy: "Did you mean 'stream'?" })
})

test('a package that is not installed comes with the command that installs it', () => {
  const outcome = load('package.config.ts', `import { stream } from 'trueline'`)
  expect(outcome).toMatchObject({ code: 'config_invalid', remedy: expect.stringContaining('npm install trueline') })
})

test('a config without definitions says so', () => {
  const outcome = load('empty.config.ts', `import { stream, t } from ${sources}\nconst forgotten = ${visits}`)
  expect(outcome).toMatchObject({ code: 'config_invalid', remedy: expect.stringContaining('export') })
})

test('a mistake names the file, the definition and the remedy', () => {
  const outcome = load(
    'mistake.config.mjs',
    `import { entity, features, mean, stream, t } from ${sources}
const user = entity('user', { user: t.string() })
export const habits = features('habits', { entity: user, from: ${visits}, select: { a: mean('att').over('1d') } })`,
  )
  expect(outcome).toEqual({
    code: 'unknown_column',
    path: `${join(folder, 'mistake.config.mjs')}, features 'habits', select.a`,
    error: `${join(folder, 'mistake.config.mjs')}: features 'habits', select.a: There is no column 'att'.`,
    remedy: "Did you mean 'at'?",
  })
})
