import { isAbsolute, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { formatTime } from '../../../core/time.ts'
import type { OpenLineageEvent } from '../../../models/registry/lineage/open-lineage.ts'
import type { Page } from '../../../stores/metadata/page.ts'
import type { LineageAnswer, LineageThing } from '../../api/lineage-answers.ts'
import { callOperation } from '../connection.ts'
import { directoryOf } from '../directory.ts'
import { printJson, printLine, printNote } from '../output.ts'
import { type GlobalOptions, optionsOf, type Verb, wholeNumber } from '../verb.ts'

/** `lineage`: what something was made from, and what was made from it. */
export const lineage: Verb = (program: Command) => {
  program
    .command('lineage [thing]')
    .description('what something was made from, and what was made from it: a prediction, model/version, run, dataset …')
    .option('--up', 'only what it was made from')
    .option('--down', 'only what was made from it: its blast radius')
    .option('--most <n>', 'most things')
    .option('--events', 'OpenLineage events of all that was done, one a line, and not one thing')
    .action(async (of: string | undefined, _options: unknown, command: Command) => {
      const { up, down, most, events, ...options } = optionsOf<LineageOptions>(command)
      if (events === true) return await printEvents(options)
      if (of === undefined)
        throw new TruelineError('invalid_arguments', 'Say whose lineage to show.', {
          path: 'thing',
          remedy:
            'Name a prediction, a version as MODEL/VERSION, a run, a dataset, a stream or a source; or give --events.',
        })
      const direction = up === down ? 'both' : up === true ? 'up' : 'down'
      const query = { of, direction, ...(most === undefined ? {} : { most: wholeNumber(most, '--most') }) }
      const answer = await callOperation<LineageAnswer>('lineage', query, options)
      if (options.json === true) printJson(answer)
      else printLineage(answer, direction, directoryOf(options))
    })
}

interface LineageOptions {
  readonly up?: boolean
  readonly down?: boolean
  readonly most?: string
  readonly events?: boolean
}

/** As OpenLineage has them, so that they can be sent on as they are. */
async function printEvents(options: GlobalOptions): Promise<void> {
  let cursor: string | null | undefined
  while (cursor !== null) {
    const asked = cursor === undefined ? {} : { cursor }
    const page: Page<OpenLineageEvent> = await callOperation('lineageEvents', asked, options)
    for (const event of page.items) printJson(event)
    cursor = page.next
  }
}

function printLineage(answer: LineageAnswer, direction: 'up' | 'down' | 'both', directory: string): void {
  const { of, nodes, edges, impact, cut } = answer
  const lines = new Map(nodes.map((node) => [node.id, describe(node, directory)]))
  if (direction !== 'down') {
    printLine(`${lines.get(of)} was made from`)
    printTree(
      of,
      lines,
      nextBy(edges, ({ from, to }) => [to, from]),
    )
  }
  if (direction !== 'up' && edges.some(({ from }) => from === of)) {
    printLine(`${lines.get(of)} was used for`)
    printTree(
      of,
      lines,
      nextBy(edges, ({ from, to }) => [from, to]),
    )
  }
  for (const { model, version, served, predictions } of impact) {
    const stretches = served.map(
      ({ from, to }) => `${formatTime(from)} to ${to === undefined ? 'now' : formatTime(to)}`,
    )
    const when = stretches.length === 0 ? 'never served' : `served ${stretches.join(', ')}`
    printLine(`${model} v${version} ${when}; ${predictions.toLocaleString('en')} predictions of it are kept`)
  }
  if (cut) printNote('There is more: --most takes up to 10,000.')
}

function nextBy(
  edges: LineageAnswer['edges'],
  ends: (edge: LineageAnswer['edges'][number]) => readonly [string, string],
): Map<string, string[]> {
  const next = new Map<string, string[]>()
  for (const edge of edges) {
    const [near, far] = ends(edge)
    next.set(near, [...(next.get(near) ?? []), far])
  }
  return next
}

/** Each thing once, below the first that leads to it. */
function printTree(of: string, lines: ReadonlyMap<string, string>, next: ReadonlyMap<string, string[]>): void {
  const seen = new Set([of])
  const print = (id: string, depth: number): void => {
    for (const other of next.get(id) ?? []) {
      if (seen.has(other)) continue
      printLine(`${'  '.repeat(depth)}${lines.get(other)}`)
      seen.add(other)
      print(other, depth + 1)
    }
  }
  print(of, 1)
}

/** In one line: digests short, and paths from the data directory on. */
function describe({ kind, name, at, facts }: LineageThing, directory: string): string {
  const when = at === undefined ? '' : `, ${formatTime(at)}`
  const rows = facts['rows'] ?? facts['accepted']
  const size = typeof rows === 'number' ? `, ${rows.toLocaleString('en')} rows` : ''
  const where = [facts['path'], facts['destination']].find((one) => typeof one === 'string')
  const what = kind === 'run' && facts['imported'] !== undefined ? 'import' : kind.replace('_', ' ')
  const place = where === undefined ? '' : `, ${shortPath(where as string, directory)}`
  const called = name.replace(/sha256:[0-9a-f]{64}/g, shortDigest)
  return `${what} ${called}${when}${size}${place}`
}

function shortPath(path: string, directory: string): string {
  if (!isAbsolute(path)) return path
  const below = relative(resolve(directory), path)
  return below.startsWith('..') || isAbsolute(below) ? path : below
}
