import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'

/** What may stand in a file of any stream, beside its own columns. */
const ofAll: ReadonlySet<string> = new Set(['_revision', '_tombstone'])

/**
 * What a file is refused with whose columns are not those of its stream: where they are those of another one, that is said.
 * @param thrown all but `missing_column` and `unknown_column` is given back as it is
 * @param streams those that files can be taken into
 */
export function withFittingStreams(
  thrown: unknown,
  columns: readonly string[],
  streams: readonly StreamDefinition[],
): unknown {
  if (!(thrown instanceof TruelineError) || !['missing_column', 'unknown_column'].includes(thrown.code)) return thrown
  const fitting = streams.filter((stream) => fits(columns, stream)).map(({ name }) => `'${name}'`)
  if (fitting.length === 0) return thrown
  const { code, message, path, remedy } = thrown
  return new TruelineError(code, `${message} Its columns are those of ${fitting.join(' and of ')}.`, {
    ...(path === undefined ? {} : { path }),
    remedy: `Was it meant for the stream ${fitting.join(' or ')}? Else: ${remedy}`,
  })
}

function fits(columns: readonly string[], { schema, knownAt }: StreamDefinition): boolean {
  const lag = 'column' in knownAt ? knownAt.column : undefined
  return (
    columns.every((name) => Object.hasOwn(schema, name) || ofAll.has(name) || name === lag) &&
    Object.entries(schema).every(
      ([name, { nullable, default: given }]) => nullable || given !== undefined || columns.includes(name),
    )
  )
}
