import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const source = resolve(import.meta.dirname, '../src')
const MOST_LINES = 500

/** From the ground up: a folder imports only itself and those above it in this list. */
const floors = [
  'core',
  'language/expr',
  'language/aggregate',
  'language/define',
  'kernel',
  'stats',
  'stores',
  'governance',
  'data/quality',
  'data/features',
  'data/sources',
  'models/inference',
  'models/experiments',
  'models/registry',
  'models/training',
  'operate/monitoring',
  'operate/serving',
  'operate/releases',
  'operate/retraining',
  'operate/readiness',
  'platform/api',
  'platform/app',
  'platform/simulate',
  'platform/cli',
]

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

function floorOf(path: string): number {
  const inside = relative(source, path)
  return floors.findIndex((floor) => inside.startsWith(`${floor}/`))
}

function importsOf(text: string): string[] {
  const pattern = /(?:from\s+|import\s+|import\(\s*|new URL\(\s*|workerUrl\([^,]+,\s*)'(\.{1,2}\/[^']+)'/g
  return [...text.matchAll(pattern)].map((match) => match[1] as string)
}

test('a folder imports only itself and the floors below it', () => {
  const wrong: string[] = []
  for (const path of filesBelow(source)) {
    const own = floorOf(path)
    if (own === -1 && relative(source, path) !== 'index.ts') wrong.push(`${relative(source, path)} stands on no floor`)
    if (own === -1) continue
    for (const specifier of importsOf(readFileSync(path, 'utf8'))) {
      const target = resolve(dirname(path), specifier)
      const other = floorOf(target)
      if (other > own || (other === -1 && !target.endsWith('/package.json')))
        wrong.push(`${relative(source, path)} imports ${specifier}`)
    }
  }
  expect(wrong).toEqual([])
})

test('the pattern that finds imports sees static, type-only, re-exported and dynamic ones', () => {
  const text = `import { a } from './a.ts'\nimport type { B } from '../b.ts'\nexport * from './c.ts'\nawait import('./d.ts')`
  expect(importsOf(text)).toEqual(['./a.ts', '../b.ts', './c.ts', './d.ts'])
})

test('the console imports only types, and only from the contracts', () => {
  const wrong: string[] = []
  const folder = resolve(source, '../console/src')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  for (const name of files) {
    const text = readFileSync(join(folder, name), 'utf8')
    // A statement may take several lines, and has no other quotes before its own.
    for (const [statement, , specifier] of text.matchAll(/^(import|export)\b[^'"]*from '([^']*\/src\/[^']*)'/gm))
      if (!statement.startsWith('import type') || !specifier!.includes('src/platform/api/contract'))
        wrong.push(`${name}: ${statement}`)
    expect(text).not.toMatch(/import\(\s*'[^']*\/src\//)
  }
  expect(wrong).toEqual([])
})

test(`no file is longer than ${MOST_LINES} lines`, () => {
  const roots = ['src', 'tests', 'bench', 'scripts', 'console/src'].map((name) => resolve(source, '..', name))
  const long = roots
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !path.includes('.generated.'))
    .filter((path) => readFileSync(path, 'utf8').split('\n').length > MOST_LINES)
  expect(long).toEqual([])
})
