import { checkKey, checkRequired } from './check-columns.ts'
import { checkOwnName } from './check-name.ts'
import type { ProjectDefinition, TableDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

/** Checks a reference table against its stream, whose events are its rows. */
export function checkTable(definition: TableDefinition, project: ProjectDefinition, mistakes: Mistakes): void {
  const { name, key, validFrom, validTo, select, static: isStatic } = definition
  if (!mistakes.known('unknown_stream', '', 'stream', name, Object.keys(project.streams))) return
  const { schema, time, id } = project.streams[name]!
  checkKey(key, schema, 'key', mistakes)
  checkRequired(validFrom, 'timestamp', schema, 'validFrom', mistakes)
  const from = schema[validFrom]
  if (isStatic && from?.default === undefined)
    mistakes.add('definition_invalid', 'static', `'${validFrom}' is a column: rows that have it have a history.`)
  if (validTo !== undefined && mistakes.known('unknown_column', 'validTo', 'column', validTo, Object.keys(schema)))
    if (schema[validTo]!.type !== 'timestamp')
      mistakes.add(
        'type_mismatch',
        'validTo',
        `'${validTo}' is of type ${schema[validTo]!.type}; here a timestamp is needed.`,
      )
  if (time !== validFrom || !key.every((column) => id.includes(column)))
    mistakes.add('definition_invalid', '', 'Its stream is another one: a row is an event at the start of its validity.')
  if (Object.keys(select).length === 0) mistakes.add('definition_invalid', 'schema', 'It gives nothing but its key.')
  checkOwnName(name, ['features', 'request', 'derived'], project, mistakes)
}
