import type { DataType } from '../../../core/data-type.ts'
import { formatDuration } from '../../../core/time.ts'
import { checkSource, source } from '../check-source.ts'
import type { ImportedStream } from './import-contract.ts'

/** The lines of a project file that define streams as contracts have them. What a contract leaves open is left to be said. */
export function streamsSource(streams: readonly ImportedStream[]): string {
  const bodies = streams.map(streamSource)
  const used = new Set([
    'stream',
    't',
    ...bodies.flatMap((body) =>
      [...body.matchAll(/^ {4}(\w+)\(|\b(col|when)\(/gm)].map(([, check, column]) => (check ?? column)!),
    ),
  ])
  return [`import { ${[...used].sort().join(', ')} } from 'trueline'`, ...bodies].join('\n\n')
}

function streamSource({ name, description, schema, key, id, time, quality, rest }: ImportedStream): string {
  const lines = [
    ...(description === undefined ? [] : [`  description: ${source(description)},`]),
    ...(rest?.owner === undefined ? [] : [`  owner: ${source(rest.owner)},`]),
    `  key: ${key.length === 0 ? '[], // to be said: which columns name what the events are about' : `${listSource(key)},`}`,
    `  time: ${time === undefined ? "'', // to be said: the column of the event time" : `${source(time)},`}`,
    ...(id === undefined ? [] : [`  id: ${listSource(id)},`]),
    ...(rest?.sequence === undefined ? [] : [`  sequence: ${source(rest.sequence)},`]),
    ...(rest?.knownAt === undefined
      ? []
      : [
          `  knownAt: ${'column' in rest.knownAt ? source(rest.knownAt) : `{ lag: '${formatDuration(rest.knownAt.lag)}' }`},`,
        ]),
    ...(rest?.ahead === undefined ? [] : [`  ahead: '${formatDuration(rest.ahead)}',`]),
    ...(rest?.corrections === undefined
      ? []
      : [`  corrections: { within: '${formatDuration(rest.corrections.within)}' },`]),
    ...(rest?.rejectBudget === undefined ? [] : [`  rejectBudget: ${rest.rejectBudget},`]),
    '  schema: {',
    ...Object.entries(schema).map(([column, type]) => `    ${memberName(column)}: ${typeSource(type)},`),
    '  },',
    ...(quality.length === 0 ? [] : ['  quality: [', ...quality.map((check) => `    ${checkSource(check)},`), '  ],']),
  ]
  return [`export const ${name.replaceAll('-', '_')} = stream(${source(name)}, {`, ...lines, '})'].join('\n')
}

function typeSource({ type, ...options }: DataType): string {
  return `t.${type}(${Object.keys(options).length === 0 ? '' : source(options)})`
}

function listSource(items: readonly string[]): string {
  return items.length === 1 ? source(items[0]) : source(items)
}

function memberName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : source(name)
}
