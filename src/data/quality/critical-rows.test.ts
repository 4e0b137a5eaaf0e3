import { expect, test } from 'vitest'
import { t } from '../../language/define/column-types.ts'
import { between, holds, inSet, notNull } from '../../language/define/row-checks.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { compileCriticalRows } from './critical-rows.ts'

const flights = stream('flights', {
  key: 'flight',
  time: 'at',
  schema: {
    at: t.timestamp(),
    delay: t.int({ nullable: true }),
    fare: t.decimal({ scale: 2, nullable: true }),
    flight: t.string(),
    late: t.bool({ nullable: true }),
  },
  quality: [
    notNull('delay').critical(),
    between('fare', 0, 1000).critical(),
    inSet('late', [true]).critical(),
    holds(col('flight').ne('XX').or(col('delay').gt(5))).critical(),
    between('delay', 0, 1).warn(),
  ],
})
const fault = compileCriticalRows(flights.quality, flights.schema)!

// In the order of the schema: at, delay, fare, flight, late.
test.each([
  [[0, 7, 100_000, 'UA1', true], undefined],
  [[0, 7, null, 'UA1', null], undefined],
  [[0, null, 5, 'UA1', null], "Check 'not null delay': the row's 'delay' is missing."],
  [
    [0, 7, 100_001, 'UA1', null],
    "Check 'range of fare: it must lie between 0 and 1,000': the row's 'fare' is out of range",
  ],
  [[0, 7, 1, 'UA1', false], "Check 'late in a set of 1'"],
  [[0, 5, 1, 'XX', null], 'Check \'flight != "XX" or delay > 5\''],
  [[0, 6, 1, 'XX', null], undefined],
])('of %j it says %s', (values, reason) => {
  const found = fault(values)
  if (reason === undefined) expect(found).toBeUndefined()
  else expect(found).toMatchObject({ code: 'check_failed', reason: expect.stringContaining(reason) })
})

test('a stream without critical checks has none to compile', () => {
  expect(compileCriticalRows(undefined, flights.schema)).toBeUndefined()
  expect(compileCriticalRows([notNull('delay')], flights.schema)).toBeUndefined()
})

test('texts of many rows are not kept', () => {
  for (let row = 0; row < 10_000; row += 1) expect(fault([0, 1, null, `flight ${row}`, null])).toBeUndefined()
  expect(fault([0, 1, null, 'XX', null])).toMatchObject({ path: 'flight' })
})
