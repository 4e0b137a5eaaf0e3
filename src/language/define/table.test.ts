import { expect, test } from 'vitest'
import { nullRate } from './batch-checks.ts'
import { mistakesIn } from './check-project.ts'
import { decodeProject, encodeProject } from './codec.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { derived, feature } from './derived.ts'
import { digestOfModel, digestOfTable } from './digest.ts'
import { encode } from './encode.ts'
import { gbdt } from './gbdt.ts'
import { label } from './label.ts'
import { logistic } from './linear.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { source } from './source.ts'
import { csv } from './source-locations.ts'
import { stream } from './stream.ts'
import { table } from './table.ts'
import { col } from './terms.ts'

const flights = stream('flights', {
  key: 'flight',
  time: 'at',
  schema: {
    flight: t.string(),
    origin: t.string(),
    destination: t.string(),
    carrier: t.string(),
    fare: t.decimal({ scale: 2 }),
    delay: t.int(),
    at: t.timestamp(),
  },
})
const schema = { airport: t.string(), runways: t.int(), state: t.string(), opened: t.timestamp() }
const airports = table('airports', {
  key: 'airport',
  schema: { ...schema, closed: t.timestamp({ nullable: true }) },
  validFrom: 'opened',
  validTo: 'closed',
})
const carriers = table('carriers', { key: 'carrier', static: true, schema: { carrier: t.string(), fleet: t.int() } })
const here = airports.on({ airport: 'origin' })
const there = airports.on({ airport: 'destination' }, 'arriving_at')
const outcome = label(flights, col('delay').gt(15)).on('flight').within('1d').absent('exclude')
const late = {
  predicts: 'lateness',
  at: flights,
  label: outcome,
  split: byTime({ train: '9d', validate: '1d', test: '1d' }),
}

function mistakes(...definitions: unknown[]): string[] {
  return mistakesIn(collectProject(definitions)).map(({ code, path, remedy }) => `${code} | ${path} | ${remedy}`)
}

test('a table brings the stream of its rows, which may be valid and corrected at any time', () => {
  const runways = derived('runways', { select: { more: feature(here, 'runways').subtract(feature(there, 'runways')) } })
  const features = [here.pick('runways'), there.pick('runways'), encode.oneHot(there.pick('state')), carriers, runways]
  const good = model('good', { ...late, features })
  const project = collectProject([good])
  expect(mistakesIn(project)).toEqual([])
  expect(project.streams['airports']).toMatchObject({
    id: ['airport', 'opened'],
    time: 'opened',
    ahead: 36_500 * 86_400e6,
    corrections: { within: 36_500 * 86_400e6 },
  })
  expect(project.tables['airports']).toMatchObject({ validTo: 'closed', static: false, select: { runways: t.int() } })
  expect(project.streams['carriers']!.schema['valid_from']).toEqual({ type: 'timestamp', default: 0 })
  const reloaded = decodeProject(encodeProject(project))
  expect(reloaded).toEqual(project)
  expect(digestOfModel(reloaded.models['good']!, reloaded)).toBe(digestOfModel(good, project))
})

test('a source reads into the rows of a table, and checks look at them', () => {
  const staff = table('staff', {
    key: 'name',
    static: true,
    schema: { name: t.string(), desks: t.int() },
    quality: [nullRate('desks').atMost(0)],
  })
  const file = source('staff_file', { into: staff.rows, from: csv('staff.csv'), deletions: 'snapshot' })
  const project = collectProject([file, staff])
  expect(mistakesIn(project)).toEqual([])
  expect(project.tables['staff']).toEqual(staff)
  expect(project.streams['staff']!.quality).toHaveLength(1)
  const wrong = table('staff', {
    key: 'name',
    static: true,
    schema: { name: t.string(), desks: t.int() },
    // @ts-expect-error
    quality: [nullRate('desk').atMost(0)],
  })
  expect(mistakesIn(collectProject([wrong]))).toHaveLength(1)
})

test('the digest of a table covers its rows and their validity, and no prose', () => {
  const digest = (definition: Parameters<typeof digestOfTable>[0]) =>
    digestOfTable(definition, collectProject([definition]))
  const told = table('carriers', {
    key: 'carrier',
    static: true,
    schema: { carrier: t.string(), fleet: t.int() },
    owner: 'ops',
  })
  const wider = table('carriers', { key: 'carrier', static: true, schema: { carrier: t.string(), fleet: t.number() } })
  expect(digest(told)).toBe(digest(carriers))
  expect(digest(wider)).not.toBe(digest(carriers))
  expect(digest(table('airports', { key: 'airport', schema, validFrom: 'opened' }))).not.toBe(digest(airports))
})

test('a text of a table or a row needs an encoding', () => {
  // @ts-expect-error
  const ofTable = model('wrong', { ...late, features: [here.pick('state')] })
  // @ts-expect-error
  const ofRow = model('wrong', { ...late, features: [flights.pick('carrier')] })
  expect(mistakes(ofTable)).toEqual([
    expect.stringMatching(/^not_numeric_feature \| model 'wrong', features airports.state \|/),
  ])
  expect(mistakes(ofRow)).toEqual([expect.stringMatching(/^not_numeric_feature \| model 'wrong', features carrier \|/)])
  expect(mistakes(model('right', { ...late, features: [encode.target(flights.pick('carrier'))] }))).toEqual([])
})

test('a misspelt column, or a row that lacks the key, does not compile and is refused', () => {
  // @ts-expect-error
  const misspelt = model('wrong', { ...late, features: [here.pick('runway')] })
  // @ts-expect-error
  const keyless = model('wrong', { ...late, features: [airports.pick('runways')] })
  // @ts-expect-error
  const unread = derived('unread', { select: { a: feature(here, 'runway').abs() } })
  expect(mistakes(misspelt)[0]).toBe("unknown_feature | model 'wrong', features airports | Did you mean 'runways'?")
  expect(mistakes(keyless)).toEqual([
    expect.stringMatching(/^unknown_column \| model 'wrong', features airports, key airport \|/),
  ])
  expect(mistakes(unread)).toEqual(["unknown_feature | derived 'unread', select.a | Did you mean 'runways'?"])
})

test('two rows of one table need two names', () => {
  const unnamed = airports.on({ airport: 'destination' })
  expect(mistakes(model('wrong', { ...late, features: [here.pick('runways'), unnamed.pick('runways')] }))).toEqual([
    "definition_invalid | model 'wrong', features airports.runways | Name it once.",
  ])
})

test('a table without a start of validity, with a start that is no time, or with nothing but its key', () => {
  // @ts-expect-error
  const timeless = table('wrong', { key: 'airport', schema, validFrom: 'state' })
  const empty = table('empty', { key: 'airport', schema: { airport: t.string() }, static: true })
  expect(mistakes(timeless)).toContainEqual(expect.stringMatching(/^type_mismatch \| table 'wrong', validFrom \|/))
  expect(mistakes(empty)).toEqual([expect.stringMatching(/^definition_invalid \| table 'empty', schema \|/)])
})

test.each([
  ['scales of texts', encode.scale(flights.pick('carrier'), 'standard'), 'type_mismatch'],
  ['edges that do not ascend', encode.bucket(flights.pick('delay'), { edges: [2, 1] }), 'definition_invalid'],
  ['one quantile', encode.bucket(flights.pick('delay'), { quantiles: 1 }), 'definition_invalid'],
  ['no category', encode.oneHot(flights.pick('carrier'), { most: 0 }), 'definition_invalid'],
  ['smoothing below 0', encode.target(flights.pick('carrier'), { smoothing: -1 }), 'definition_invalid'],
  ['an order of other types', encode.ordinal(flights.pick('carrier'), { order: [1] }), 'definition_invalid'],
  ['a time', encode.oneHot(flights.pick('at')), 'type_mismatch'],
])('%s are no encoding', (_, input, code) => {
  expect(mistakes(model('wrong', { ...late, features: [input] }))).toEqual([
    expect.stringMatching(new RegExp(`^${code} \\| model 'wrong', features `)),
  ])
})

test('a line takes no categories as they are', () => {
  const features = [encode.category(flights.pick('carrier'))]
  expect(mistakes(model('right', { ...late, features, trainer: gbdt() }))).toEqual([])
  expect(mistakes(model('wrong', { ...late, features, trainer: logistic() }))).toEqual([
    "definition_invalid | model 'wrong', features carrier | Use encode.oneHot or encode.target.",
  ])
})

test('one value may be encoded in several ways, and twice in the same way is once too often', () => {
  const ways = [encode.oneHot(flights.pick('carrier')), encode.target(flights.pick('carrier')), flights.pick('fare')]
  expect(
    mistakes(model('right', { ...late, features: [...ways, encode.scale(flights.pick('fare'), 'robust')] })),
  ).toEqual([])
  expect(
    mistakes(model('wrong', { ...late, features: [...ways, encode.oneHot(flights.pick('carrier'), { most: 3 })] })),
  ).toEqual(["definition_invalid | model 'wrong', features carrier | Name it once."])
})

test('how an input is encoded is a part of what a model means', () => {
  const digest = (...features: Parameters<typeof model<typeof flights.schema>>[1]['features']) => {
    const definition = model('late', { ...late, features })
    return digestOfModel(definition, collectProject([definition]))
  }
  const carrier = flights.pick('carrier')
  const same = encode.oneHot(carrier, { most: 20 })
  expect(digest(encode.oneHot(carrier))).toBe(digest(same))
  for (const other of [
    encode.oneHot(carrier, { most: 19 }),
    encode.ordinal(carrier),
    encode.category(carrier),
    encode.oneHot(flights.pick('origin')),
  ])
    expect(digest(other)).not.toBe(digest(same))
})
