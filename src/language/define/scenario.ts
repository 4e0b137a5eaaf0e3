import type { DataTypeName, Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { parseTime } from '../../core/time.ts'
import type { Check } from './check-builder.ts'
import type { CheckDefinition } from './check-definition.ts'
import type { ModelDefinition } from './definitions.ts'
import type { Features } from './features.ts'
import type { RowOf } from './requirement.ts'
import type { Stream } from './stream.ts'

/** A project's own test, as plain data: what is given, step by step, and what is expected. */
export interface ProjectTest {
  readonly name: string
  readonly steps: readonly TestStep[]
}

export type TestStep =
  | GivenRows
  | GivenFile
  | { readonly kind: 'at'; readonly time: number }
  | ExpectedFeatures
  | ExpectedOutcome
  | ExpectedQuality
  | { readonly kind: 'train'; readonly model: string }
  | { readonly kind: 'use'; readonly model: string; readonly version?: number }
  | ExpectedInputs
  | ExpectedPrediction

/** Rows that come as events, each at its own event time unless it says when. */
export interface GivenRows {
  readonly kind: 'events'
  readonly stream: string
  readonly rows: readonly unknown[]
  /** When they arrive, microseconds. */
  readonly arriving?: number
}

/** A file of history, from the folder of the test. */
export interface GivenFile {
  readonly kind: 'history'
  readonly stream: string
  readonly path: string
}

export interface ExpectedFeatures {
  readonly kind: 'features'
  readonly group: string
  readonly key: Readonly<Record<string, unknown>>
  readonly values: Readonly<Record<string, ExpectedValue>>
}

/** What becomes of the rows given to a stream: at least a share is accepted, or each is rejected with its code. */
export interface ExpectedOutcome {
  readonly kind: 'outcome'
  readonly stream: string
  readonly accepted?: number
  readonly rejected?: string | readonly string[]
}

/** What the rows given to a stream pass: these checks, or where there are none those of the stream. */
export interface ExpectedQuality {
  readonly kind: 'quality'
  readonly stream: string
  readonly checks: readonly CheckDefinition[]
}

export interface ExpectedInputs {
  readonly kind: 'inputs'
  readonly model: string
  readonly row: Readonly<Record<string, unknown>>
  readonly values: Readonly<Record<string, ExpectedValue>>
}

export interface ExpectedPrediction {
  readonly kind: 'prediction'
  readonly model: string
  readonly row: Readonly<Record<string, unknown>>
  readonly expected: PredictionExpectation
}

/** What a prediction is to be; what is not named is not looked at. */
export interface PredictionExpectation {
  readonly score?: ExpectedValue
  readonly decision?: string
  /** The model's inputs by their names, such as `customer_orders.orders_90d`. */
  readonly features?: Readonly<Record<string, ExpectedValue>>
}

/** A value to the bit, one within a tolerance, or the reason why there is none. */
export type ExpectedValue = number | string | boolean | null | About | ExpectedStatus

export interface About {
  readonly about: number
  readonly tolerance: number
}

export interface ExpectedStatus {
  readonly status: 'value' | 'null' | 'empty' | 'unknown_key'
}

/** A test of a project: steps that end in what is expected. */
export interface Scenario {
  readonly steps: readonly TestStep[]
}

interface Given {
  /** Rows of one more stream, or more rows of the same: all of them come in the order of their arrival. */
  and: typeof given
  /** What is the case at this time: ISO 8601. */
  at(time: string): Moment
}

interface Moment extends Scenario {
  /** What an entity's features are; features that are not named are not looked at. */
  expect<Key extends Schema, Name extends string>(
    group: Features<Key, Name>,
    key: { readonly [Column in keyof Key]: JsonOf<Key[Column]['type']> },
    values: { readonly [Feature in NoInfer<Name>]?: ExpectedValue },
  ): Moment
  /**
   * What the model reads for a row, before any version is trained: features of windows, of the row, of tables, and those
   * derived of others, by the names of its inputs, such as `customer_orders.orders_90d`.
   */
  expectInputs(
    model: ModelDefinition,
    row: Readonly<Record<string, unknown>>,
    values: Readonly<Record<string, ExpectedValue>>,
  ): Moment
  /** Trains the model on what is known by now, approves it and lets it serve. */
  train(model: ModelDefinition): Moment
  /** Predicts with a version of the project's data directory: the one that serves, or the one named. */
  use(model: ModelDefinition, version?: number): Moment
  expectPrediction(
    model: ModelDefinition,
    row: Readonly<Record<string, unknown>>,
    expected: PredictionExpectation,
  ): Moment
  /** Rows that come after this moment. */
  and: typeof given
  at(time: string): Moment
}

interface RowsExpectation<Columns extends Schema> {
  /** All of them, or at least this share, 0 to 1. */
  toBeAccepted(options?: { readonly share: number }): Scenario
  /** Each with this code, or with its own in the order of the rows. */
  toBeRejected(codes: string | readonly string[]): Scenario
  /** Checks of quality: those given, else the stream's own. A check that has too few rows to tell is not passed. */
  toPass(...checks: readonly Check<NoInfer<RowOf<Columns>>>[]): Scenario
}

/** A value as a row carries it. */
type JsonOf<Type extends DataTypeName> = Type extends 'string'
  ? string
  : Type extends 'bool'
    ? boolean
    : Type extends 'timestamp'
      ? string | number
      : Type extends 'decimal'
        ? string | number
        : number

/** Rows of a stream: any of its columns may be left out, and whether one may be is what the platform says. */
type RowsOf<Columns extends Schema> = readonly {
  readonly [Name in keyof Columns]?: JsonOf<Columns[Name]['type']> | null
}[]

/**
 * What has happened: rows that come as events, each at its own event time or all at the time said, or a file of history
 * (.csv, .parquet) beside the test.
 * @example given(orders, [{ order: 'a', customer: 'C1', amount: 5, ordered_at: '2025-01-01T10:00Z' }])
 */
export function given<const Columns extends Schema>(
  stream: Stream<Columns>,
  rows: RowsOf<NoInfer<Columns>> | string,
  options: { readonly arriving?: string } = {},
): Given {
  return scenario([givenStep(stream.name, rows, options.arriving)])
}

/**
 * What becomes of rows that come, or of those of a file: a test of data.
 * @example expectRows(orders, 'orders.csv').toBeAccepted({ share: 0.999 })
 */
export function expectRows<const Columns extends Schema>(
  stream: Stream<Columns>,
  rows: readonly unknown[] | string,
): RowsExpectation<Columns> {
  const first = givenStep(stream.name, rows, undefined)
  return {
    toBeAccepted: ({ share } = { share: 1 }) => ({
      steps: [first, { kind: 'outcome', stream: stream.name, accepted: share }],
    }),
    toBeRejected: (codes) => ({ steps: [first, { kind: 'outcome', stream: stream.name, rejected: codes }] }),
    toPass: (...checks) => ({ steps: [first, { kind: 'quality', stream: stream.name, checks }] }),
  }
}

/** A number that may differ from the one expected by so much. */
export function about(value: number, tolerance: number): About {
  return { about: value, tolerance }
}

/** No value, and why: see docs/semantics.md, "Windows". */
export function status(name: ExpectedStatus['status']): ExpectedStatus {
  return { status: name }
}

// A registered symbol, so that a test that imports the package and a runner from the sources agree.
const collector = Symbol.for('trueline.tests')

type Collecting = typeof globalThis & { [collector]?: ProjectTest[] }

/**
 * A test of the project, run by `trueline test` on the real platform in a folder of its own, on a virtual clock.
 * @throws TruelineError `tests_outside_run` where nothing runs tests
 * @example
 * test('two orders are counted', given(orders, rows).at('2025-01-02').expect(customerOrders, { customer: 'C1' }, { orders_90d: 2 }))
 */
export function test(name: string, { steps }: Scenario): void {
  const tests = (globalThis as Collecting)[collector]
  if (tests === undefined) throw new TruelineError('tests_outside_run', `Nothing runs the test '${name}'.`)
  tests.push({ name, steps })
}

/** The tests that some work declares, such as loading a file. */
export async function collectTests(work: () => Promise<unknown>): Promise<readonly ProjectTest[]> {
  const tests: ProjectTest[] = []
  const scope = globalThis as Collecting
  scope[collector] = tests
  try {
    await work()
  } finally {
    delete scope[collector]
  }
  return tests
}

function givenStep(stream: string, rows: readonly unknown[] | string, arriving: string | undefined): TestStep {
  if (typeof rows === 'string') return { kind: 'history', stream, path: rows }
  return { kind: 'events', stream, rows, ...(arriving === undefined ? {} : { arriving: parseTime(arriving) }) }
}

/** One object serves as every stage: the types say what may follow what. */
function scenario(steps: readonly TestStep[]): Given & Moment {
  const next = (step: TestStep): Given & Moment => scenario([...steps, step])
  return {
    steps,
    and: (stream, rows, options = {}) => next(givenStep(stream.name, rows, options.arriving)),
    at: (time) => next({ kind: 'at', time: parseTime(time) }),
    expect: (group, key, values) => next({ kind: 'features', group: group.name, key, values: definedOf(values) }),
    expectInputs: (model, row, values) => next({ kind: 'inputs', model: model.name, row, values }),
    train: (model) => next({ kind: 'train', model: model.name }),
    use: (model, version) => next({ kind: 'use', model: model.name, ...(version === undefined ? {} : { version }) }),
    expectPrediction: (model, row, expected) => next({ kind: 'prediction', model: model.name, row, expected }),
  }
}

function definedOf(values: Readonly<Record<string, ExpectedValue | undefined>>): Record<string, ExpectedValue> {
  const entries = Object.entries(values).filter((entry): entry is [string, ExpectedValue] => entry[1] !== undefined)
  return Object.fromEntries(entries)
}
