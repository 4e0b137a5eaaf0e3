import { existsSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock, type VirtualClock, virtualClock } from '../../../core/clock.ts'
import type { Schema } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import { formatTime } from '../../../core/time.ts'
import { unknownName } from '../../../core/unknown-name.ts'
import { createEventReader } from '../../../data/features/event-reader.ts'
import { masksOf } from '../../../data/features/masked-inputs.ts'
import { planVector } from '../../../data/features/vector.ts'
import { judgeStream } from '../../../data/quality/judge-stream.ts'
import { MASK, maskedRow } from '../../../data/quality/mask-row.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import { predictionLogOf } from '../../../language/define/prediction-log-definition.ts'
import type {
  ExpectedFeatures,
  ExpectedInputs,
  ExpectedPrediction,
  ExpectedQuality,
  ExpectedValue,
  GivenFile,
  TestStep,
} from '../../../language/define/scenario.ts'
import { copyRegistry } from '../../../stores/directory/copy-registry.ts'
import type { FeatureReading } from '../../api/feature-answers.ts'
import { type OwnedPlatform, openPlatform } from '../../app/open-platform.ts'
import { type ActualValue, isExpected, shownExpectation, shownValue } from './compare-value.ts'
import { type ComingRow, comingRows, deliverRows, type TakenRow } from './deliver-rows.ts'
import { reasonsOf } from './feature-reasons.ts'
import { outcomeFailures, refusalFailures } from './judge-rows.ts'
import { readInputs } from './read-inputs.ts'
import type { TestFailure } from './test-result.ts'

export interface ScenarioOptions {
  readonly project: ProjectDefinition
  /** Folder that the files of the test are named from. */
  readonly folder: string
  /** The project's data directory, whose versions a test may predict with. */
  readonly directory: string
}

const AUTHOR = { name: 'test author' }
const APPROVER = { name: 'test approver' }
const REASON = 'For a test of the project.'

/**
 * Runs a test on the real platform: in a data directory of its own, on a virtual clock that starts with the first row.
 * @returns what is not as it was expected; nothing when the test passes
 */
export async function runScenario(steps: readonly TestStep[], options: ScenarioOptions): Promise<TestFailure[]> {
  const { project } = options
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-test-'))
  const directory = join(folder.path, 'data')
  if (steps.some(({ kind }) => kind === 'use')) await copyVersions(options.directory, directory)
  const clock = virtualClock(startOf(steps, project))
  const platform = await openPlatform({ config: project, directory, clock, apply: true })
  try {
    const run = createRun(platform, clock, options.folder)
    for (const step of steps) await run.take(step)
    return run.end()
  } finally {
    await platform.close()
  }
}

async function copyVersions(from: string, to: string): Promise<void> {
  if (!existsSync(join(from, 'meta.db')))
    throw new TruelineError(
      'no_model_serving',
      `There is no data directory at ${from}, so no version to predict with.`,
      {
        path: from,
        remedy:
          'Train and promote a version first, name its directory with --directory, or train in the test: .train(model).',
      },
    )
  await copyRegistry(from, to)
}

/** The clock starts where the first row comes, else at the first moment of the test, else now. */
function startOf(steps: readonly TestStep[], project: ProjectDefinition): number {
  const times = steps.flatMap((step) => {
    if (step.kind === 'at') return [step.time]
    const stream = step.kind === 'events' ? project.streams[step.stream] : undefined
    return step.kind === 'events' && stream !== undefined
      ? comingRows(step, stream).map(({ arriving }) => arriving)
      : []
  })
  const first = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
  return Number.isFinite(first) ? first : systemClock().now()
}

/** Takes the steps of one test, one after the other. */
function createRun(platform: OwnedPlatform, clock: VirtualClock, folder: string) {
  const { project } = platform
  const failures: TestFailure[] = []
  let coming: ComingRow[] = []
  const files: GivenFile[] = []
  let taken: TakenRow[] = []
  /** Rows given, as they may be shown, by stream and id. */
  const rowsById = new Map<string, string>()
  let moment: number | undefined

  /** Lets everything come that was given and has its time. */
  async function catchUp(until: number): Promise<void> {
    const due = coming.filter(({ arriving }) => arriving <= until)
    coming = coming.filter(({ arriving }) => arriving > until)
    taken.push(...(await deliverRows(platform, due, clock.advanceTo)))
    if (until !== Number.POSITIVE_INFINITY) clock.advanceTo(until)
    for (const { stream, path } of files.splice(0)) taken.push(...(await importFile(stream, resolve(folder, path))))
  }

  async function importFile(stream: string, path: string): Promise<TakenRow[]> {
    const newest = platform.parts.log.deadLetters({ limit: 1 }).rows[0]?.number ?? 0
    const { received } = await platform.importHistory(stream, path)
    const letters = platform.parts.log.deadLettersAfter(newest, { stream }, received)
    const refused = letters.map(({ code, reason, row }): TakenRow => ({ stream, row, code, reason }))
    const others = Array.from({ length: received - refused.length }, (): TakenRow => ({ stream }))
    return [...refused, ...others]
  }

  /** Takes the rows that a step is about, of those that came. */
  function takeRows(stream: string): TakenRow[] {
    const rows = taken.filter((row) => row.stream === stream)
    taken = taken.filter((row) => row.stream !== stream)
    return rows
  }

  async function quality({ stream: name, checks }: ExpectedQuality): Promise<void> {
    const stream = project.streams[name]!
    const judged = checks.length === 0 ? stream : { ...stream, quality: checks }
    const { lake, log } = platform.parts
    const parts = { lake, log, project: { ...project, streams: { ...project.streams, [name]: judged } } }
    // How many rows may be refused is judged with the checks.
    const rejected = takeRows(name).filter(({ code }) => code !== undefined).length
    const { results } = await judgeStream(parts, name, { from: 0, to: log.nextOffset - 1, rejected, now: clock.now() })
    for (const { check, verdict, sentence, examples = [] } of results)
      if (verdict === 'fail' || verdict === 'insufficient')
        failures.push({
          what: `${name}: ${check}`,
          expected: 'pass',
          actual: verdict,
          because: [sentence, ...examples],
        })
  }

  async function features({ group, key, values }: ExpectedFeatures): Promise<void> {
    const at = momentOf()
    const entity = project.entities[project.features[group]?.entity ?? '']
    const readings = new Map((await platform.featureVector(group, key, at)).map((one) => [one.name, one]))
    for (const [name, expected] of Object.entries(values)) {
      const actual = readings.get(name)
      if (actual === undefined)
        throw unknownName('unknown_feature', `feature of ${group} named`, name, [...readings.keys()])
      if (isExpected(expected, actual)) continue
      const because = await reasonsOf(platform, { group, feature: name, key, t: at }, (stream, id) =>
        rowsById.get(`${stream} ${id}`),
      )
      failures.push({
        ...differing(`${group}.${name} of ${keyShown(key, entity?.key ?? {})} at ${formatTime(at)}`, expected, actual),
        because,
      })
    }
  }

  function inputs({ model, row, values }: ExpectedInputs): void {
    const at = momentOf()
    compareInputs(`${model} at ${formatTime(at)}`, model, readInputs(platform, model, row, at), values)
  }

  function compareInputs(
    what: string,
    model: string,
    given: readonly FeatureReading[],
    expected: Readonly<Record<string, ExpectedValue>>,
  ): void {
    const readings = new Map(given.map((one) => [one.name, one]))
    for (const [name, value] of Object.entries(expected)) {
      const actual = readings.get(name)
      if (actual === undefined) throw unknownName('unknown_feature', `input of ${model}`, name, [...readings.keys()])
      if (isExpected(value, actual)) continue
      const failure = differing(`${what}, ${name}`, value, actual)
      failures.push(maskedInputs(model).has(name) ? { ...failure, expected: MASK, actual: MASK } : failure)
    }
  }

  /** Inputs that show a sensitive column of the row. */
  function maskedInputs(model: string): ReadonlySet<string> {
    const definition = project.models[model]!
    const plan = planVector(definition, project)
    const masks = masksOf(plan, [project.streams[definition.at]!.schema], predictionLogOf(definition.serve.log).mask)
    return new Set(masks?.features.map((place) => plan.inputs[place]!.name))
  }

  async function prediction({ model, row, expected }: ExpectedPrediction): Promise<void> {
    const what = `${model} at ${formatTime(momentOf())}`
    const [answer] = (await platform.predict(model, [row], { features: true })).predictions
    if (answer === undefined || 'error' in answer) {
      const error = answer === undefined ? 'nothing' : `${answer.error.code}: ${answer.error.error}`
      failures.push({ what, expected, actual: error, because: [] })
      return
    }
    const { score, decision, features: expectedInputs } = expected
    if (score !== undefined && !isExpected(score, { value: answer.score }))
      failures.push(differing(`${what}, score`, score, { value: answer.score }))
    if (decision !== undefined && decision !== answer.decision)
      failures.push(differing(`${what}, decision`, decision, { value: answer.decision ?? null }))
    compareInputs(what, model, answer.features ?? [], expectedInputs ?? {})
  }

  function momentOf(): number {
    if (moment !== undefined) return moment
    throw new TruelineError('definition_invalid', 'The test does not say at what time it expects something: .at(time).')
  }

  async function train(model: string): Promise<void> {
    const { version } = await platform.train(model, AUTHOR, { at: momentOf() })
    await platform.approve(model, version, APPROVER, REASON)
    await platform.promote(model, version, APPROVER, REASON)
  }

  async function use(model: string, version: number | undefined): Promise<void> {
    if (version === undefined || platform.parts.servings.get(model)?.served?.version === version) return
    const found = (await platform.models(model)).find((one) => one.version === version)
    if (found?.state === 'candidate') await platform.approve(model, version, APPROVER, REASON)
    await platform.promote(model, version, APPROVER, REASON)
  }

  return {
    async take(step: TestStep): Promise<void> {
      switch (step.kind) {
        case 'events': {
          const stream = project.streams[step.stream]
          if (stream === undefined)
            throw unknownName('unknown_stream', 'stream', step.stream, Object.keys(project.streams))
          coming.push(...comingRows(step, stream))
          const reader = createEventReader(stream)
          for (const row of step.rows)
            rowsById.set(`${stream.name} ${reader.idOfRefused(row)}`, maskedRow(row, stream.schema).row)
          return
        }
        case 'history':
          files.push(step)
          return
        case 'at':
          moment = step.time
          await catchUp(step.time)
          return
        case 'outcome':
          await catchUp(files.length === 0 ? Number.POSITIVE_INFINITY : systemClock().now())
          failures.push(...outcomeFailures(step, takeRows(step.stream)))
          return
        case 'quality':
          await catchUp(files.length === 0 ? Number.POSITIVE_INFINITY : systemClock().now())
          return await quality(step)
        case 'features':
          return await features(step)
        case 'inputs':
          return inputs(step)
        case 'train':
          return await train(step.model)
        case 'use':
          return await use(step.model, step.version)
        case 'prediction':
          return await prediction(step)
      }
    },
    /** Rows of a test that expects nothing else of them must be accepted. */
    end: (): TestFailure[] => [...failures, ...refusalFailures(taken)],
  }
}

function differing(what: string, expected: Parameters<typeof isExpected>[0], actual: ActualValue): TestFailure {
  return { what, expected: shownExpectation(expected), actual: shownValue(actual), because: [] }
}

function keyShown(key: Readonly<Record<string, unknown>>, schema: Schema): string {
  return Object.entries(key)
    .map(([name, value]) => `${name}=${schema[name]?.sensitive === true ? MASK : String(value)}`)
    .join(', ')
}
