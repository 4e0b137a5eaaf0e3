import { modulo } from '../../core/math/modulo.ts'
import { HOUR, MINUTE } from '../../core/time.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { ObjectiveMinute } from './objective-meter.ts'

/** Minutes of an hour as they are kept: number of the minute, answers, slow ones and faults. */
type StoredMinutes = readonly (readonly [number, number, number, number])[]

const MINUTES_OF_HOUR = HOUR / MINUTE

/** Keeps whole hours of minutes, each in place of what was kept of it; and forgets hours that are over before `from` (microseconds). */
export async function saveMinutes(
  { database }: Metadata,
  model: string,
  minutes: readonly ObjectiveMinute[],
  from: number,
): Promise<void> {
  const hours = new Map<number, [number, number, number, number][]>()
  for (const { minute, answers, slow, faults } of minutes) {
    const start = Math.floor(minute / MINUTES_OF_HOUR) * HOUR
    const known = hours.get(start) ?? []
    known.push([modulo(minute, MINUTES_OF_HOUR), answers, slow, faults])
    hours.set(start, known)
  }
  await database.transaction().execute(async (transaction) => {
    for (const [start, stored] of hours) {
      const values = { model, start, minutes: JSON.stringify(stored) }
      await transaction
        .insertInto('objective_hours')
        .values(values)
        .onConflict((conflict) => conflict.columns(['model', 'start']).doUpdateSet({ minutes: values.minutes }))
        .execute()
    }
    await transaction
      .deleteFrom('objective_hours')
      .where('model', '=', model)
      .where('start', '<', from - HOUR)
      .execute()
  })
}

/** Minutes that were kept, in the order of time, of hours that begin at `from` (microseconds) or later. */
export async function readMinutes({ database }: Metadata, model: string, from: number): Promise<ObjectiveMinute[]> {
  const rows = await database
    .selectFrom('objective_hours')
    .select(['start', 'minutes'])
    .where('model', '=', model)
    .where('start', '>=', from)
    .orderBy('start')
    .execute()
  return rows.flatMap(({ start, minutes }) =>
    (JSON.parse(minutes) as StoredMinutes).map(([minute, answers, slow, faults]) => ({
      ...{ minute: start / MINUTE + minute, answers, slow, faults },
    })),
  )
}
