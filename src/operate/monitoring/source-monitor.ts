import { formatTime } from '../../core/time.ts'
import type { AlertDesk } from './alert-desk.ts'
import type { AlertKind } from './alert-kinds.ts'
import type { Wording } from './alert-wording.ts'
import { countWords, durationWords } from './words.ts'

/** What is known of a source when it is judged; times are microseconds. */
export interface SourceFacts {
  readonly source: string
  /** Why it is not read, or not all of it; absent when it is, or will soon be tried again. */
  readonly failure?: { readonly message: string; readonly failures: number }
  /** How its columns differ from those its rows are taken by, in words. */
  readonly changes?: { readonly words: string; readonly policy: string }
  /** The last new row, and how old it may be. */
  readonly freshness?: { readonly newest: number; readonly promised: number }
  /** New rows of the last whole stretch, and how many there should be. */
  readonly volume?: {
    readonly from: number
    readonly per: number
    readonly rows: number
    readonly atLeast?: number
    readonly atMost?: number
  }
}

/** Raises and resolves the alerts about sources. */
export interface SourceMonitor {
  judge(facts: SourceFacts, now: number): Promise<void>
}

type SourceAlert = Extract<AlertKind, `source_${string}`>

/** A monitor that tells the desk only what changes; after a start it asks the desk once about each. */
export function createSourceMonitor(desk: AlertDesk): SourceMonitor {
  const known = new Map<string, string | undefined>()

  async function settle(source: string, kind: SourceAlert, wording: Wording | undefined): Promise<void> {
    const key = `${source} ${kind}`
    if (known.has(key) && known.get(key) === wording?.title) return
    const subject = { model: `source/${source}`, kind }
    if (wording === undefined) await desk.resolve(subject, 'It is good again.')
    else await desk.raise({ ...subject, ...wording })
    known.set(key, wording?.title)
  }

  return {
    async judge(facts, now) {
      const { source } = facts
      await settle(source, 'source_failing', failingWording(facts))
      await settle(source, 'source_changed', changedWording(facts))
      await settle(source, 'source_stale', staleWording(facts, now))
      // Nothing is said of a stretch that is not over.
      if (facts.volume !== undefined) await settle(source, 'source_volume', volumeWording(facts))
    },
  }
}

function failingWording({ source, failure }: SourceFacts): Wording | undefined {
  if (failure === undefined) return undefined
  const { message, failures } = failure
  return { title: `${source} cannot be read: ${message}`, evidence: { failures }, effect: {}, n: failures }
}

function changedWording({ source, changes }: SourceFacts): Wording | undefined {
  if (changes === undefined) return undefined
  const { words, policy } = changes
  const title = `${source} has other columns than before: ${words}; its policy is ${policy}.`
  return { title, evidence: { words }, effect: { policy }, n: 0 }
}

function staleWording({ source, freshness }: SourceFacts, now: number): Wording | undefined {
  if (freshness === undefined || now - freshness.newest <= freshness.promised) return undefined
  const { newest, promised } = freshness
  return {
    title: `${source} has brought no new row since ${formatTime(newest)}; ${durationWords(promised)} is promised.`,
    evidence: { newest },
    effect: { promised },
    n: 0,
  }
}

function volumeWording({ source, volume }: SourceFacts): Wording | undefined {
  const { from, per, rows, atLeast = 0, atMost = Number.POSITIVE_INFINITY } = volume!
  if (rows >= atLeast && rows <= atMost) return undefined
  const [should, bound] = rows < atLeast ? (['at least', atLeast] as const) : (['at most', atMost] as const)
  return {
    title: `${source} brought ${countWords(rows)} new rows in the ${durationWords(per)} from ${formatTime(from)}; it should bring ${should} ${countWords(bound)}.`,
    evidence: { from, per },
    effect: { rows, bound },
    n: rows,
  }
}
