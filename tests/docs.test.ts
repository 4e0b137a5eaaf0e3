import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { commandCalled } from './command-lines.ts'
import { laws } from './laws/registry.ts'
import { readmeCommands } from './packed/readme.ts'

const root = resolve(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

const errorTables = readdirSync(join(root, 'src/core/error-codes'), { encoding: 'utf8' }).map((name) =>
  join('src/core/error-codes', name),
)

/** How GitHub names the place of a heading. */
function placeOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

function headingsOf(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => placeOf(heading!))
}

test.each(pages)('every link of %s leads somewhere', (page) => {
  const text = read(page).replaceAll(/```[\s\S]*?```/g, '')
  const broken = [...text.matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)]*))?\)/g)].flatMap(([link, path, place]) => {
    const target = path === '' ? join(root, page) : resolve(root, dirname(page), path!)
    if (!existsSync(target)) return [link]
    return place === undefined || headingsOf(target).includes(place) ? [] : [link]
  })
  expect(broken).toEqual([])
})

test.each(pages)('every file that %s names is there', (page) => {
  const named = [...read(page).matchAll(/`((?:src|tests|bench|scripts|docs|examples|console)\/[\w./-]+\.\w+)`/g)]
  expect(named.map(([, path]) => path!).filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test.each(['docs/regressions.md', 'docs/laws.md'])('every test that %s names is there', (page) => {
  const named = [...read(page).matchAll(/`([\w./-]+\.test\.ts)`:?\s+"([^"]+)"/g)]
  if (page === 'docs/regressions.md') expect(named.length).toBeGreaterThan(20)
  for (const [, path, title] of named) expect(read(path!), `${path}: ${title}`).toContain(`'${title}'`)
  const numbers = new Set([...read(page).matchAll(/\bL\d+\b/g)].map(([law]) => law))
  for (const law of numbers) expect(read('docs/laws.md'), law).toContain(`| ${law} `)
})

test('every law has a row, and the row of one that is tested names its file', () => {
  const rows = new Map([...read('docs/laws.md').matchAll(/^\| (L\d+) .*$/gm)].map(([row, law]) => [law!, row!]))
  expect(rows.size).toBe(12)
  for (const [law, row] of rows) {
    const file = /`([\w-]+\.ts)` \|$/.exec(row)?.[1]
    expect(file !== undefined, row).toBe(law in laws)
    if (file !== undefined) expect(existsSync(join(root, 'tests/laws', file)), file).toBe(true)
  }
})

test('the guide to the first model quotes its config', () => {
  const config = read('examples/first-model/trueline.config.ts')
  const quoted = [...read('docs/guide/first-model.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!)
  expect(quoted.length).toBeGreaterThan(8)
  for (const block of quoted) expect(config).toContain(block)
})

test('the guide to what a model reads quotes its config', () => {
  const config = read('examples/inputs/trueline.config.ts')
  const quoted = [...read('docs/guide/inputs.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!)
  expect(quoted).toHaveLength(6)
  for (const block of quoted) expect(config).toContain(block)
})

test('the guide takes the steps of the README', () => {
  const guide = read('docs/guide/first-model.md')
  const [before = []] = readmeCommands('A first model of your own, in ten minutes')
  for (const line of before) expect(guide).toContain(line)
})

/** Command lines of a text: what stands after `trueline`, up to the end of the code or its comment. */
function commandLinesOf(text: string): string[] {
  const inBlocks = [...text.matchAll(/```(?:sh)?\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    [...block!.matchAll(/^(?:npx )?(trueline .*)$/gm)].map(([, line]) => line!),
  )
  const inline = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`(?:npx )?(trueline [^`]+)`/g)].map(
    ([, line]) => line!,
  )
  return [...inBlocks, ...inline].map((line) => line.replaceAll('\n', ' ').replace(/\s+#.*$/, ''))
}

test.each([...pages.filter((page) => !page.includes('runbooks')), ...errorTables])(
  'every command that %s names is one that the CLI has',
  async (page) => {
    for (const line of commandLinesOf(read(page))) expect(await commandCalled(line), line).toBeDefined()
  },
)

test('command lines are found in blocks and in sentences', () => {
  const text =
    'See `trueline alerts\n--open`.\n```sh\nnpx trueline train m --as a   # why\n```\nAnd ```\ntrueline up\n```'
  expect(commandLinesOf(text)).toEqual(['trueline train m --as a', 'trueline up', 'trueline alerts --open'])
})

test('pages are found from the README or from a page that is', () => {
  const found = new Set(['README.md'])
  for (const page of found)
    for (const [, path] of read(page).matchAll(/\]\((?!https?:|#)([^)\s#]+)[^)]*\)/g)) {
      const target = relative(root, resolve(root, dirname(page), path!))
      const inside = existsSync(join(root, target)) && pages.filter((known) => known.startsWith(`${target}/`))
      for (const one of inside === false || inside.length === 0 ? [target] : inside)
        if (pages.includes(one)) found.add(one)
    }
  expect(pages.filter((page) => !found.has(page))).toEqual([])
})

test('decisions are numbered one after the other, and each says its number', () => {
  const decisions = readdirSync(join(root, 'docs/adr'), { encoding: 'utf8' }).filter((name) => /^\d/.test(name))
  expect(decisions.sort().map((name) => Number(name.slice(0, 4)))).toEqual(decisions.map((_, index) => index + 1))
  for (const name of decisions)
    expect(read(join('docs/adr', name))).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. `))
})
