import type { Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import { SECOND } from '../../core/time.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import { DEFAULT_STREAM_LAG, isStreamed, predictionStreamName } from '../../language/define/prediction-stream.ts'
import { probabilityColumns } from '../../language/define/scored-columns.ts'
import { createStreamLagMonitor } from '../../operate/monitoring/stream-lag-monitor.ts'
import { recordingOf } from '../../operate/serving/prediction-layout.ts'
import type { Taking } from '../../operate/serving/stream/captured-rows.ts'
import { consumerOf, createStreamScorer, type StreamScorer } from '../../operate/serving/stream/stream-scorer.ts'
import { type EventBatch, valueAt } from '../../stores/log/event-batch.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'
import type { StreamAnswer, StreamAnswerPage, StreamScoringListing } from '../api/streaming-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { reasoningOf } from './explaining.ts'

/** The scoring of streams: what is asked of it, by model. */
export interface StreamDesk {
  /** Begins to consume, each model where it stood. */
  start(): void
  /** What to do with an accepted batch while it is applied to the live state; undefined where nobody is asked by it. */
  take(batch: EventBatch): Taking | undefined
  /** Goes on until all that came is scored, as far as it can be. */
  advance(): Promise<void>
  /** Judges how far each model is behind. */
  watch(): Promise<void>
  list(): StreamScoringListing[]
  /** Events of a model's stream that were scored since `start`. */
  scoredSinceStart(model: string): number
  pause(model: string, by: Identity, reason: string): Promise<StreamScoringListing>
  resume(model: string, by: Identity, reason: string): Promise<StreamScoringListing>
  /** Takes answers that the log took. */
  produced(batch: EventBatch): void
  answers(model: string, page: AnswerQuery): Promise<StreamAnswerPage>
  /** Ends after the batches under way. */
  stop(): Promise<void>
}

export interface AnswerQuery {
  /** Offset of the last answer that is known; -1 for none. */
  readonly after: number
  readonly limit: number
  /** Seconds to wait for the first. */
  readonly wait: number
}

type StreamParts = Omit<Parts, 'sources' | 'streaming' | 'batches'>

interface Pause {
  readonly by: string
  readonly reason: string
}

const PAUSES = 'stream_pauses'
/** Over how long rates are taken, seconds. */
const RATE_OVER = 60

/** The scoring of the streams of a platform's models: nothing is consumed before `start`. */
export async function createStreamDesk(parts: StreamParts): Promise<StreamDesk> {
  const { project, log, lake, clock, engine, tables, servings, monitors, metadata, underWay, desk } = parts
  const models = Object.values(project.models).filter(isStreamed)
  const scorers = new Map<string, StreamScorer>()
  /** Scored before the start: counts go on from one to the next. */
  const scoredBefore = new Map<string, number>()
  let paused: ReadonlyMap<string, Pause> = new Map(
    Object.entries(((await readSetting(metadata.database, PAUSES)) ?? {}) as Record<string, Pause>),
  )
  const judge = createStreamLagMonitor(desk)
  /** Received so far, every second of the last minute. */
  const samples = new Map<string, { readonly at: number; readonly received: number }[]>()
  let waiters: (() => void)[] = []
  /** Each begins with what the one before left. */
  const changing = oneAtATime()

  function wake(scorer: StreamScorer): void {
    // What ends the platform ends this, too.
    underWay.run(() => scorer.advance()).catch(() => undefined)
  }

  function produced(batch: EventBatch): void {
    parts.applyEvents(batch)
    for (const resume of waiters.splice(0)) resume()
  }

  function create(name: string): StreamScorer {
    const model = project.models[name]!
    const scorer = createStreamScorer({
      ...{ log, lake, clock, model, state: { engine, tables }, observerOf: monitors.observerOf },
      stream: project.streams[model.at]!,
      output: project.streams[predictionStreamName(name)]!,
      served: () => servings.get(name)?.served,
      recording: recordingOf(project, name),
      slices: parts.protection.slices,
      reasoning: reasoningOf(parts),
      onProduced: produced,
    })
    if (paused.has(name)) scorer.pause()
    return scorer
  }

  function streamed(name: string): string {
    if (project.models[name] === undefined)
      throw unknownName('unknown_model', 'model', name, Object.keys(project.models))
    if (models.some((model) => model.name === name)) return name
    throw new TruelineError('not_streamed', `Model '${name}' is not scored for the events of its stream.`, {
      path: name,
    })
  }

  function rateOf(name: string): number {
    const seen = samples.get(name) ?? []
    const [first, last] = [seen[0], seen.at(-1)]
    if (first === undefined || last === undefined || last.at === first.at) return 0
    return ((last.received - first.received) * SECOND) / (last.at - first.at)
  }

  function positionOf(name: string) {
    return scorers.get(name)?.position ?? log.consumer(consumerOf(name))
  }

  function listing(name: string): StreamScoringListing {
    const { at, monitor } = project.models[name]!
    const scorer = scorers.get(name)
    const { offset, received = 0, scored = 0, rejected = 0, passed = 0, fallbacks = 0 } = positionOf(name) ?? {}
    const version = servings.get(name)?.served?.version
    const since = scorer?.waitingSince
    return {
      ...{ model: name, stream: at, output: predictionStreamName(name), ...stateOf(name, scorer, version) },
      ...(version === undefined ? {} : { version }),
      ...(offset === undefined ? {} : { offset }),
      behind: scorer?.behind ?? 0,
      lag: since === undefined ? 0 : Math.max(0, clock.now() - since),
      mostLag: monitor.streamLag ?? DEFAULT_STREAM_LAG,
      rate: rateOf(name),
      ...{ received, scored, rejected, passed, fallbacks },
    }
  }

  function stateOf(
    name: string,
    scorer: StreamScorer | undefined,
    version: number | undefined,
  ): Pick<StreamScoringListing, 'state' | 'reason'> {
    const pause = paused.get(name)
    if (pause !== undefined) return { state: 'paused', reason: `${pause.by}: ${pause.reason}` }
    if (scorer === undefined) return { state: 'stopped' }
    if (scorer.failure !== undefined) return { state: 'waiting', reason: scorer.failure.message }
    if (version === undefined)
      return { state: 'waiting', reason: servings.get(name)?.fault?.message ?? `No version of '${name}' serves yet.` }
    return { state: 'running' }
  }

  async function change(action: 'pause' | 'resume', name: string, by: Identity, reason: string): Promise<void> {
    const pauses = new Map(paused)
    if (action === 'pause') pauses.set(name, { by: by.name, reason })
    else pauses.delete(name)
    await metadata.database.transaction().execute(async (transaction) => {
      await recordAct(transaction, { by, at: clock.now(), action: `stream.${action}`, target: name, reason })
      await writeSetting(transaction, PAUSES, Object.fromEntries(pauses))
    })
    paused = pauses
  }

  async function readAnswers(name: string, { after, limit }: AnswerQuery): Promise<StreamAnswer[]> {
    const { schema } = project.streams[predictionStreamName(name)]!
    const answers: StreamAnswer[] = []
    for await (const batch of lake.scanEvents(predictionStreamName(name), { from: after + 1 })) {
      for (let row = 0; row < batch.length && answers.length < limit; row += 1) {
        const values = Object.entries(schema).map(
          ([column, { type }], index) => [column, valueAt(batch.columns[index]!, row, type)] as const,
        )
        const known = Object.fromEntries(values.filter(([, value]) => value !== null))
        const reasons = typeof known['reasons'] === 'string' ? { reasons: JSON.parse(known['reasons']) as unknown } : {}
        const answer = withProbabilities(known, project.models[name]!.label.classes)
        answers.push({ offset: batch.offset[row]!, ...answer, ...reasons } as unknown as StreamAnswer)
      }
      if (answers.length === limit) break
    }
    return answers
  }

  return {
    start() {
      for (const { name } of models) {
        if (scorers.has(name)) continue
        scoredBefore.set(name, positionOf(name)?.scored ?? 0)
        scorers.set(name, create(name))
      }
    },
    take(batch) {
      const taken = [...scorers.values()].flatMap((scorer) => {
        const taking = scorer.take(batch)
        return taking === undefined ? [] : [{ scorer, taking }]
      })
      if (taken.length === 0) return undefined
      return {
        before(row) {
          for (const { taking } of taken) taking.before(row)
        },
        done() {
          for (const { scorer, taking } of taken) {
            taking.done()
            wake(scorer)
          }
        },
      }
    },
    async advance() {
      for (const scorer of scorers.values()) await scorer.advance()
    },
    async watch() {
      for (const [name, { position }] of scorers) {
        const seen = samples.get(name) ?? []
        seen.push({ at: clock.elapsed(), received: position?.received ?? 0 })
        if (seen.length > RATE_OVER) seen.shift()
        samples.set(name, seen)
      }
      await judge([...scorers.keys()].map(listing))
    },
    list: () => models.map(({ name }) => listing(name)),
    scoredSinceStart(name) {
      const before = scoredBefore.get(name)
      return before === undefined ? 0 : (positionOf(name)?.scored ?? 0) - before
    },
    async pause(name, by, reason) {
      await changing(() => change('pause', streamed(name), by, reason))
      scorers.get(name)?.pause()
      return listing(name)
    },
    async resume(name, by, reason) {
      await changing(() => change('resume', streamed(name), by, reason))
      const scorer = scorers.get(name)
      scorer?.resume()
      if (scorer !== undefined) wake(scorer)
      return listing(name)
    },
    produced,
    async answers(name, query) {
      streamed(name)
      const until = clock.elapsed() + query.wait * SECOND
      for (;;) {
        // Before the log is read: nobody waits for what is answered meanwhile.
        const next = nextAnswer(until - clock.elapsed())
        try {
          const answers = await readAnswers(name, query)
          if (answers.length > 0 || clock.elapsed() >= until || underWay.signal.aborted)
            return { answers, next: answers.at(-1)?.offset ?? query.after }
          await next.come
        } finally {
          next.forget()
        }
      }
    },
    async stop() {
      await Promise.all(Array.from(scorers.values(), (scorer) => scorer.stop()))
    },
  }

  /** Comes when something is answered, after so many microseconds, or when the platform ends. */
  function nextAnswer(most: number): { readonly come: Promise<void>; forget(): void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = (): void => resolve()
    const timer = setTimeout(end, Math.max(0, most) / 1000)
    waiters.push(end)
    underWay.signal.addEventListener('abort', end)
    return {
      come: promise,
      forget() {
        clearTimeout(timer)
        underWay.signal.removeEventListener('abort', end)
        waiters = waiters.filter((one) => one !== end)
      },
    }
  }
}

/** The columns of probabilities by the names of their classes, as an answer over HTTP has them. */
function withProbabilities(
  known: Readonly<Record<string, Value>>,
  classes: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  if (classes === undefined || known['class'] === undefined) return known
  const columns = probabilityColumns(classes)
  const others = Object.entries(known).filter(([name]) => !columns.includes(name))
  return {
    ...Object.fromEntries(others),
    probabilities: Object.fromEntries(classes.map((name, place) => [name, known[columns[place]!]])),
  }
}
