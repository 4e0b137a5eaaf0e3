import { TruelineError } from '../../core/errors.ts'
import type { ProjectDefinition } from './definitions.ts'

const MOST_NAMED = 3

/** A mistake about a column that is not there, with the streams that have one of that name: it may be meant of these. */
export function nameOtherStreams(mistake: TruelineError, { streams }: ProjectDefinition): TruelineError {
  const [, name] = mistake.code === 'unknown_column' ? (/ '([^']+)'\.$/.exec(mistake.message) ?? []) : []
  if (name === undefined) return mistake
  const having = Object.values(streams).filter(({ schema }) => Object.hasOwn(schema, name))
  if (having.length === 0) return mistake
  const named = having.slice(0, MOST_NAMED).map((stream) => `'${stream.name}'`)
  const others = having.length > MOST_NAMED ? ` and ${having.length - MOST_NAMED} more` : ''
  const sentence = `'${name}' is a column of the stream${having.length === 1 ? '' : 's'} ${named.join(', ')}${others}.`
  const { code, message, path, cause } = mistake
  return new TruelineError(code, message, {
    ...(path === undefined ? {} : { path }),
    ...{ remedy: `${mistake.remedy} ${sentence}`, cause },
  })
}
