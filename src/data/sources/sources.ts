import { digestOfJson } from '../../core/digest.ts'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { nextRun } from '../../core/schedule.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition } from '../../language/define/source-definition.ts'
import { breakerOf, nextAttempt } from './backoff.ts'
import { waitAskedFor } from './retry-after.ts'
import { isCompared } from './snapshot.ts'
import type { BreakerState, SourceState } from './source-state.ts'
import {
  forgetPositions,
  listRuns,
  openRun,
  type RunKind,
  readStates,
  type SourceRun,
  saveRun,
  saveState,
  startRun,
} from './source-store.ts'
import { type Turn, type TurnEnd, type TurnParts, takeTurn } from './source-turn.ts'
import { TokenBucket } from './token-bucket.ts'

/** How a source stands. Times are microseconds. */
export interface SourceStanding {
  readonly definition: SourceDefinition
  readonly state: SourceState
  readonly breaker: BreakerState
  /** The run under way, or the last one. */
  readonly run?: SourceRun
  /** When it is to run or go on. */
  readonly due?: number
}

/** The sources of a platform: each has at most one run at a time, and a run goes on where its last turn ended. */
export interface Sources {
  /** Begins a turn of each source that is due at `now`, and waits for none. */
  advance(now: number): Promise<void>
  /** Resolves when no turn is under way. */
  settled(): Promise<void>
  /**
   * Takes a turn now, of the run under way or of a new one, whatever the schedule and the breaker say; where the rate is
   * used up, the run goes on when it may.
   * @throws TruelineError `unknown_source`
   */
  run(name: string): Promise<SourceRun>
  /**
   * Reads again and takes the events of a stretch of time as history; the source's own position stays.
   * @param range event times, [from, to), microseconds
   * @throws TruelineError `unknown_source`, `source_busy`, `source_refused` for one that reads everything anyway
   */
  backfill(name: string, range: { readonly from?: number; readonly to?: number }): Promise<SourceRun>
  /**
   * Forgets how far a source was read: the next run begins anew, and what is there already is a duplicate.
   * @throws TruelineError `unknown_source`, `source_busy`
   */
  reset(name: string): Promise<SourceStanding>
  /**
   * Takes rows by the columns that were found last.
   * @throws TruelineError `unknown_source`, `source_busy`
   */
  accept(name: string): Promise<SourceStanding>
  standing(name: string): SourceStanding
  standings(): SourceStanding[]
  /** Newest first; those before a run where its number is given. */
  runs(name: string, limit: number, before?: number): Promise<SourceRun[]>
}

export interface SourcesOptions {
  readonly sources: Readonly<Record<string, SourceDefinition>>
  readonly streams: Readonly<Record<string, StreamDefinition>>
  readonly parts: TurnParts
  readonly random: Random
  readonly signal: AbortSignal
  /** Does work that the end of the platform waits for. */
  readonly track: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** Told after every turn how the source stands, and what went wrong. */
  readonly onTurn: (standing: SourceStanding, troubles: readonly TruelineError[]) => Promise<void>
  /** Told of a turn that nobody waits for and that could not even be recorded. */
  readonly onDefect: (source: string, error: TruelineError) => void
}

/** The sources of a project, as they stood when the platform was last open. */
export async function createSources(options: SourcesOptions): Promise<Sources> {
  const { sources, streams, parts, random, signal, track, onTurn, onDefect } = options
  const { metadata } = parts
  const { database, clock } = metadata
  const states = await readStates(metadata)
  const lastRuns = new Map<string, SourceRun>()
  const turns = new Map<string, Promise<SourceRun>>()
  /** Of the turns that are under way. */
  const going = new Map<string, Turn['progress']>()
  const buckets = new Map(Object.values(sources).map((definition) => [definition.name, bucketsOf(definition)]))
  const opened = clock.now()

  for (const name of Object.keys(sources)) {
    const [last] = await listRuns(metadata, name, 1)
    if (last !== undefined) lastRuns.set(name, last)
  }

  function bucketsOf({ rate }: SourceDefinition): { rows?: TokenBucket; requests?: TokenBucket } {
    if (rate === undefined) return {}
    const bucket = (most: number) => new TokenBucket(most, rate.per, clock.now())
    return {
      ...(rate.rows === undefined ? {} : { rows: bucket(rate.rows) }),
      ...(rate.requests === undefined ? {} : { requests: bucket(rate.requests) }),
    }
  }

  function definitionOf(name: string): SourceDefinition {
    const definition = sources[name]
    if (definition === undefined) throw unknownName('unknown_source', 'source', name, Object.keys(sources))
    return definition
  }

  /** What reads elsewhere, or in another order, begins anew. */
  function stateOf(definition: SourceDefinition): SourceState {
    const { name, from, into, columns, zone, incremental, deletions } = definition
    const origin = digestOfJson({ from, into, columns, zone, incremental, deletions: deletions?.by })
    const known = states.get(name)
    return known?.origin === origin ? known : { origin, started: false, failures: 0 }
  }

  function dueOf(definition: SourceDefinition): number | undefined {
    const { name, schedule } = definition
    const last = lastRuns.get(name)
    const { notBefore = 0 } = stateOf(definition)
    if (last?.status === 'running') return notBefore
    const next = schedule === undefined ? undefined : nextRun(schedule, last?.startedAt ?? opened)
    return next === undefined ? undefined : Math.max(next, notBefore)
  }

  function standingOf(definition: SourceDefinition): SourceStanding {
    const { state = stateOf(definition), run = lastRuns.get(definition.name) } = going.get(definition.name) ?? {}
    const due = dueOf(definition)
    return {
      definition,
      state,
      breaker: breakerOf(definition, state, clock.now()),
      ...(run === undefined ? {} : { run }),
      ...(due === undefined ? {} : { due }),
    }
  }

  async function keep(name: string, state: SourceState): Promise<void> {
    states.set(name, state)
    await saveState(database, name, state)
  }

  /** A turn of the run under way, or of a new one. */
  function turn(definition: SourceDefinition, kind: RunKind, range = {}): Promise<SourceRun> {
    const { name } = definition
    const underWay = turns.get(name)
    if (underWay !== undefined) return underWay
    const taken = track(() => oneTurn(definition, kind, range)).finally(() => turns.delete(name))
    turns.set(name, taken)
    return taken
  }

  async function oneTurn(definition: SourceDefinition, kind: RunKind, range: object): Promise<SourceRun> {
    const { name } = definition
    if (kind === 'backfill') await endWaiting(definition)
    const before = stateOf(definition)
    if (states.get(name) !== before) {
      await database.transaction().execute((transaction) => forgetPositions(transaction, name))
      await keep(name, { ...before, since: clock.now() })
    }
    const run = (await openRun(metadata, name)) ?? (await startRun(metadata, name, kind, range))
    const { error, ...rest } = run
    const progress = { state: stateOf(definition), run: { ...rest, turns: run.turns + 1 } as SourceRun }
    await saveRun(database, progress.run)
    const stream = streams[definition.into]!
    const turnNow: Turn = { definition, stream, progress, buckets: buckets.get(name)!, signal }
    going.set(name, progress)
    let end: TurnEnd | undefined
    let failure: TruelineError | undefined
    try {
      end = await takeTurn(parts, turnNow)
    } catch (thrown) {
      // What a platform breaks off to end goes on when it is opened again.
      if (signal.aborted) return progress.run
      failure = asTruelineError(thrown)
    } finally {
      going.delete(name)
    }
    const ended = failure === undefined ? wentWell(progress, end!) : wentWrong(definition, progress, failure)
    states.set(name, ended.state)
    lastRuns.set(name, ended.run)
    await database.transaction().execute(async (transaction) => {
      await saveState(transaction, name, ended.state)
      await saveRun(transaction, ended.run)
    })
    await onTurn(standingOf(definition), failure === undefined ? end!.troubles : [failure])
    return ended.run
  }

  function wentWell(
    { state, run }: { readonly state: SourceState; readonly run: SourceRun },
    { pausedUntil, troubles }: TurnEnd,
  ): { state: SourceState; run: SourceRun } {
    const { notBefore, found, ...rest } = { ...state, failures: 0 }
    const [trouble] = troubles
    if (pausedUntil !== undefined) return { state: { ...state, failures: 0, notBefore: pausedUntil }, run }
    const isFound = found?.run === run.number
    return {
      state: { ...rest, ...(run.kind === 'backfill' ? {} : { started: true }), ...(isFound ? { found } : {}) },
      run: {
        ...run,
        status: trouble === undefined ? 'succeeded' : 'partial',
        finishedAt: clock.now(),
        ...(trouble === undefined ? {} : { error: trouble.toJSON() }),
      },
    }
  }

  function wentWrong(
    definition: SourceDefinition,
    { state, run }: { readonly state: SourceState; readonly run: SourceRun },
    failure: TruelineError,
  ): { state: SourceState; run: SourceRun } {
    const now = clock.now()
    // To ask again soon would change nothing.
    const isDecided = failure.code === 'source_changed' || failure.code === 'source_shrunk'
    const failures = isDecided ? Math.max(definition.breaker.failures, state.failures + 1) : state.failures + 1
    const notBefore = nextAttempt(definition, failures, waitAskedFor(failure), now, random)
    const isOver = failures >= definition.breaker.failures
    return {
      state: { ...state, failures, notBefore },
      run: { ...run, error: failure.toJSON(), ...(isOver ? { status: 'failed', finishedAt: now } : {}) },
    }
  }

  /** Ends a run that only waits to try once more what failed, so that another kind of run can take its place. */
  async function endWaiting(definition: SourceDefinition): Promise<void> {
    const { name } = definition
    const last = lastRuns.get(name)
    if (last?.status !== 'running') return
    // One that keeps to its rate, or was broken off, has not failed.
    if (stateOf(definition).failures === 0) throw unfinished(name)
    const ended: SourceRun = { ...last, status: 'failed', finishedAt: clock.now() }
    await saveRun(database, ended)
    lastRuns.set(name, ended)
  }

  return {
    async advance(now) {
      for (const definition of Object.values(sources)) {
        const due = dueOf(definition)
        if (due === undefined || due > now || turns.has(definition.name) || signal.aborted) continue
        // Its failures are kept in its run; this is what failed besides.
        turn(definition, 'schedule').catch((thrown: unknown) => onDefect(definition.name, asTruelineError(thrown)))
      }
    },
    async settled() {
      while (turns.size > 0) await Promise.allSettled(turns.values())
    },
    async run(name) {
      const definition = definitionOf(name)
      const last = lastRuns.get(name)
      const { failures, notBefore = 0 } = stateOf(definition)
      // A rate is kept, whoever asks.
      if (last?.status === 'running' && failures === 0 && notBefore > clock.now()) return last
      return await turn(definition, 'asked')
    },
    async backfill(name, range) {
      const definition = definitionOf(name)
      if (isCompared(definition))
        throw new TruelineError('source_refused', `Source '${name}' reads everything each time.`, {
          path: name,
          remedy: `Run it: trueline sources run ${name}`,
        })
      if (turns.has(name)) throw busy(name)
      return await turn(definition, 'backfill', range)
    },
    async reset(name) {
      const definition = definitionOf(name)
      if (turns.has(name)) throw busy(name)
      const { origin, since } = stateOf(definition)
      const run = await openRun(metadata, name)
      const state = { origin, started: false, failures: 0, ...(since === undefined ? {} : { since }) }
      await database.transaction().execute(async (transaction) => {
        await forgetPositions(transaction, name)
        await transaction.updateTable('source_rows').set({ sent: 0 }).where('source', '=', name).execute()
        await saveState(transaction, name, state)
        if (run !== undefined) await saveRun(transaction, { ...run, status: 'failed', finishedAt: clock.now() })
      })
      states.set(name, state)
      const [last] = await listRuns(metadata, name, 1)
      if (last !== undefined) lastRuns.set(name, last)
      await onTurn(standingOf(definition), [])
      return standingOf(definition)
    },
    async accept(name) {
      const definition = definitionOf(name)
      if (turns.has(name)) throw busy(name)
      const { found, notBefore, ...state } = stateOf(definition)
      if (found !== undefined) {
        await keep(name, { ...state, columns: found.columns, failures: 0 })
        await onTurn(standingOf(definition), [])
      }
      return standingOf(definition)
    },
    standing: (name) => standingOf(definitionOf(name)),
    standings: () => Object.values(sources).map(standingOf),
    runs: async (name, limit, before) => await listRuns(metadata, definitionOf(name).name, limit, before),
  }
}

function unfinished(name: string): TruelineError {
  return new TruelineError('source_busy', `A run of source '${name}' has not read everything yet.`, {
    path: name,
    remedy: `It goes on by itself while the platform runs, or with: trueline sources run ${name}`,
  })
}

function busy(name: string): TruelineError {
  return new TruelineError('source_busy', `A run of source '${name}' is under way.`, { path: name })
}
