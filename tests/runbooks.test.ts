import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { type AlertKind, alertKinds, runbookOf } from '../src/operate/monitoring/alert-kinds.ts'
import { commandCalled } from './command-lines.ts'

const root = resolve(import.meta.dirname, '..')
const kinds = Object.keys(alertKinds) as AlertKind[]

/** The command lines of a page: its indented blocks, with the names in capitals for what is to be filled in. */
function commandsOf(page: string): string[] {
  return page
    .split('\n')
    .filter((line) => /^ {4,}trueline /.test(line))
    .map((line) => line.trim())
}

test('every kind of alert has a runbook, and every runbook a kind', () => {
  const pages = readdirSync(join(root, 'docs/runbooks')).sort()
  expect(pages).toEqual(kinds.map((kind) => `${kind}.md`).sort())
})

test.each(kinds)(
  'the runbook of %s says what it means, where to look, what to do and when it is over',
  async (kind) => {
    const page = readFileSync(join(root, runbookOf(kind)), 'utf8')
    expect(page).toMatch(new RegExp(`^# ${kind}: `))
    expect(page).toContain(`*${alertKinds[kind].severity === 'page' ? 'Page' : 'Ticket'}.*`)
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(['What it means', 'Look at', 'Do', 'It is over when'])
    for (const [, file] of page.matchAll(/\]\((\w+\.md)\)/g))
      expect(kinds.map((known) => `${known}.md`)).toContain(file)
    const commands = commandsOf(page)
    expect(commands.length).toBeGreaterThan(2)
    for (const line of commands) expect(await commandCalled(line), line).toBeDefined()
  },
)
