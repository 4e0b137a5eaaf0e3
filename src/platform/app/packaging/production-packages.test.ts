import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { productionPackages } from './production-packages.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trueline-packages-'))
})
afterEach(() => rmSync(root, { recursive: true }))

interface Needs {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Installs a package at a path; its name is that of its folder. */
function install(path: string, version: string, needs: Needs = {}): string {
  const folder = join(root, path)
  mkdirSync(folder, { recursive: true })
  const name = path.split('node_modules/').at(-1)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, license: 'MIT', ...needs }))
  return folder
}

const placesOf = (folder: string): string[] =>
  productionPackages(folder).map(({ place, version }) => `${place} ${version}`)

test('everything that is needed is found, each once, and what a package has for itself stays below it', () => {
  const own = install('node_modules/app', '1.0.0', { dependencies: { a: '1', b: '1', '@scope/c': '1' } })
  install('node_modules/a', '1.0.0', { dependencies: { shared: '1' } })
  install('node_modules/b', '1.0.0', { dependencies: { shared: '2' } })
  install('node_modules/b/node_modules/shared', '2.0.0', { dependencies: { a: '1' } })
  install('node_modules/shared', '1.0.0')
  install('node_modules/@scope/c', '1.0.0')
  install('node_modules/unused', '1.0.0')
  expect(placesOf(own)).toEqual([
    '@scope/c 1.0.0',
    'a 1.0.0',
    'app 1.0.0',
    'b 1.0.0',
    'b/node_modules/shared 2.0.0',
    'shared 1.0.0',
  ])
  expect(productionPackages(own, ['unused']).map(({ place }) => place)).toContain('unused')
  expect(() => productionPackages(own, ['absent'])).toThrow(expect.objectContaining({ code: 'package_incomplete' }))
})

test('a version that stands elsewhere for an installer of links gets a place where node finds it', () => {
  const own = install('app', '1.0.0', { dependencies: { a: '1', b: '1' } })
  const store = (name: string, version: string) => `.store/${name}@${version}/node_modules/${name}`
  install(store('a', '1.0.0'), '1.0.0', { dependencies: { shared: '1' } })
  install(store('b', '1.0.0'), '1.0.0', { dependencies: { shared: '2' } })
  install(store('shared', '1.0.0'), '1.0.0')
  install(store('shared', '2.0.0'), '2.0.0')
  const link = (from: string, to: string): void => {
    mkdirSync(dirname(join(root, from)), { recursive: true })
    symlinkSync(join(root, to), join(root, from))
  }
  link('app/node_modules/a', store('a', '1.0.0'))
  link('app/node_modules/b', store('b', '1.0.0'))
  link('.store/a@1.0.0/node_modules/shared', store('shared', '1.0.0'))
  link('.store/b@1.0.0/node_modules/shared', store('shared', '2.0.0'))
  expect(placesOf(own)).toEqual(['a 1.0.0', 'app 1.0.0', 'b 1.0.0', 'b/node_modules/shared 2.0.0', 'shared 1.0.0'])
})

test('what is optional may be missing, and anything else may not', () => {
  const own = install('node_modules/app', '1.0.0', { optionalDependencies: { other_system: '1' } })
  expect(placesOf(own)).toEqual(['app 1.0.0'])
  const incomplete = install('node_modules/broken', '1.0.0', { dependencies: { gone: '1' } })
  expect(() => productionPackages(incomplete)).toThrow(
    expect.objectContaining({
      code: 'package_incomplete',
      path: 'gone',
      message: expect.stringContaining('broken needs gone'),
    }),
  )
})

test('packages that need each other end', () => {
  const own = install('node_modules/app', '1.0.0', { dependencies: { a: '1' } })
  install('node_modules/a', '1.0.0', { dependencies: { b: '1' } })
  install('node_modules/b', '1.0.0', { dependencies: { a: '1' } })
  expect(placesOf(own)).toEqual(['a 1.0.0', 'app 1.0.0', 'b 1.0.0'])
})
