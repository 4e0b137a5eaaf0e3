import type { DataType } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition } from '../../language/define/source-definition.ts'
import { zoned } from './local-times.ts'
import type { SourceReader, SourceRow } from './source-page.ts'
import { numberOf } from './watermark.ts'

const revisionTypes: Readonly<Record<'_revision' | '_tombstone', DataType>> = {
  _revision: { type: 'int' },
  _tombstone: { type: 'bool' },
}

/**
 * Makes rows of a source into rows of its stream: its columns under their names, and no others. A row that may change
 * has its watermark as its revision, so that the same state of a row is the same revision whenever it is read. Times that
 * name no zone get that of the source.
 * @throws TruelineError `source_refused` for a watermark that can be no revision
 */
export function projectorOf(
  { name, columns, incremental, zone }: SourceDefinition,
  { schema }: StreamDefinition,
  reader: Pick<SourceReader, 'coerce'>,
): (row: SourceRow) => Record<string, unknown> {
  const fields = Object.entries(schema).map(([column, type]) => [column, columns[column] ?? column, type] as const)
  const inZone = zone === undefined ? undefined : zoned(zone)
  const stamp = incremental?.rows === 'changed' ? incremental.by : undefined
  const isHidden = fields.some(([, inSource, { sensitive }]) => inSource === stamp && sensitive === true)
  return (row) => {
    const projected: Record<string, unknown> = {}
    for (const [column, inSource, type] of fields) {
      const value = row[inSource]
      if (value === undefined) continue
      const coerced = value === null ? null : reader.coerce(type, value)
      projected[column] = inZone === undefined || type.type !== 'timestamp' ? coerced : inZone(coerced)
    }
    for (const member of ['_revision', '_tombstone'] as const) {
      const value = row[member]
      if (value !== undefined && value !== null) projected[member] = reader.coerce(revisionTypes[member], value)
    }
    const watermark = stamp === undefined ? undefined : row[stamp]
    if (watermark === undefined || watermark === null) return projected
    const revision = numberOf(watermark)
    if (revision === undefined || revision < 0) throw refused(name, stamp!, isHidden ? undefined : watermark)
    projected['_revision'] = revision
    return projected
  }
}

function refused(name: string, column: string, value: unknown): TruelineError {
  const shown = value === undefined ? '' : `, ${typeof value === 'string' ? `'${value.slice(0, 60)}'` : String(value)},`
  return new TruelineError(
    'source_refused',
    `Source '${name}': a value of '${column}'${shown} is neither a time nor a whole number from 0 on, so it tells no revision.`,
    {
      path: column,
      remedy:
        "Mend the row at its source. If rows of the source never change, say so: incremental: { by: …, rows: 'appended' }.",
    },
  )
}
