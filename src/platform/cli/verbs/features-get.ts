import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { formatDuration, formatSpan, formatTime, parseTime } from '../../../core/time.ts'
import type { GroupFreshness } from '../../../data/features/freshness.ts'
import type { FeatureColumns } from '../../api/feature-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf } from '../verb.ts'

type Keys = Record<string, unknown[]>

/** Adds `features get`: features of one entity or of many, with how fresh they are. */
export function addFeaturesGet(features: Command): void {
  features
    .command('get <features> [key...]')
    .description(
      "entities' features now: `trueline features get origin_delays origin=ORD origin=ATL`, or of several groups: a.x,b",
    )
    .option('--keys <file>', 'keys from a file of JSON lines, such as {"origin": "ORD"}')
    .option('--at <time>', 'features as of then, such as 2001-02-01T06:00:00Z; now when absent')
    .action(async (names: string, pairs: string[], _options: unknown, command: Command) => {
      const options = optionsOf<{ keys?: string; at?: string }>(command)
      const keys = keysOfPairs(pairs)
      if (options.keys !== undefined) for (const key of await keysOfFile(options.keys)) addKey(keys, key)
      const question = {
        features: names.split(','),
        keys,
        ...(options.at === undefined ? {} : { at: parseTime(options.at) }),
      }
      const answer = await callOperation<FeatureColumns>('retrieve', question, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      const entities = answer.features[0]?.values.length ?? 0
      const shown = (value: unknown) => (value === null ? undefined : String(value))
      if (entities === 1)
        printTable(
          ['feature', 'value', 'status'],
          answer.features.map(({ name, values, statuses }) => [name, shown(values[0]), statuses[0]]),
        )
      else
        printTable(
          [...Object.keys(keys), ...answer.features.map(({ name }) => name)],
          Array.from({ length: entities }, (_, entity) => [
            ...Object.values(keys).map((column) => shown(column[entity])),
            ...answer.features.map(({ values, statuses }) => shown(values[entity]) ?? `(${statuses[entity]})`),
          ]),
        )
      for (const one of answer.freshness) printLine(describeFreshness(one))
    })
}

/** One line about how fresh a group is. */
export function describeFreshness({ group, asOf, age, promised, degraded }: GroupFreshness): string {
  const newest = age === undefined ? 'nothing is known yet' : `the newest event became known ${formatSpan(age)} ago`
  const known = asOf.knownAt === undefined ? '' : `, ${formatTime(asOf.knownAt)}`
  const late = degraded && promised !== undefined ? `; DEGRADED: ${formatDuration(promised)} is promised` : ''
  return `${group}: as of offset ${asOf.position}${known}: ${newest}${late}`
}

function addKey(keys: Keys, key: Readonly<Record<string, unknown>>): void {
  for (const [column, value] of Object.entries(key)) {
    keys[column] ??= []
    keys[column].push(value)
  }
}

function keysOfPairs(pairs: readonly string[]): Keys {
  const keys: Keys = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at <= 0)
      throw new TruelineError('invalid_arguments', `'${pair}' is no part of a key.`, {
        path: 'key',
        remedy: `Write each column of the key with its value: COLUMN=${pair}`,
      })
    addKey(keys, { [pair.slice(0, at)]: pair.slice(at + 1) })
  }
  return keys
}

async function keysOfFile(path: string): Promise<Readonly<Record<string, unknown>>[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new TruelineError('file_not_found', `There is no file ${path}.`, { path, cause })
    throw new TruelineError('file_unreadable', `${path} cannot be read: ${cause.message}.`, { path, cause })
  })
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      try {
        const key = JSON.parse(line) as unknown
        if (typeof key === 'object' && key !== null && !Array.isArray(key)) return key as Record<string, unknown>
      } catch {
        // Said below, as for any other line that is no object.
      }
      throw new TruelineError('invalid_arguments', `Line ${index + 1} of ${path} is no JSON object.`, { path })
    })
}
