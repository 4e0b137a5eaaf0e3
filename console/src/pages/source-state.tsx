import type { ReactNode } from 'react'
import type { Health, SourceListing, SourceRunAnswer } from '../../../src/platform/api/contract.ts'
import { Status, type Tone } from '../components/status.tsx'
import { formatCount } from '../format/number.ts'
import { formatDuration } from '../format/time.ts'

/** Something that is not as it should be with a source, in a word and in a sentence that begins with its name. */
export interface SourceTrouble {
  readonly tone: Tone
  readonly word: string
  readonly sentence: string
}

/** What is not as it should be with a source, the worst first. */
export function troublesOf(source: SourceListing): readonly SourceTrouble[] {
  const troubles = [failureOf(source), readInPart(source), changesOf(source), staleness(source), volumeOf(source)]
  return troubles
    .filter((one) => one !== undefined)
    .sort((a, b) => Number(b.tone === 'failing') - Number(a.tone === 'failing'))
}

function failureOf({ name, breaker, failures, run }: SourceListing): SourceTrouble | undefined {
  if (failures === 0) return undefined
  const cause = run?.error?.error ?? `${name} cannot be read.`
  if (run?.error?.code === 'source_changed')
    return {
      ...{ tone: 'failing', word: 'columns changed' },
      sentence: `${cause} Nothing is taken until they are accepted, or are as before.`,
    }
  return breaker === 'closed'
    ? { tone: 'warning', word: 'failed', sentence: `${cause} It is tried again soon.` }
    : {
        tone: 'failing',
        word: 'failing',
        sentence: `${cause} It failed again and again, and is left alone for a while.`,
      }
}

function readInPart({ name, run }: SourceListing): SourceTrouble | undefined {
  if (run?.status !== 'partial') return undefined
  return { tone: 'warning', word: 'read in part', sentence: `A part of ${name} could not be read.` }
}

function changesOf({ name, changes, onSchemaChange, run }: SourceListing): SourceTrouble | undefined {
  if (changes === undefined || run?.error?.code === 'source_changed') return undefined
  return {
    tone: onSchemaChange === 'accept' ? 'warning' : 'failing',
    word: 'columns changed',
    sentence: `The columns of ${name} changed; ${rowsThen[onSchemaChange]}.`,
  }
}

function staleness({ name, freshness, lag }: SourceListing): SourceTrouble | undefined {
  if (freshness === undefined || lag === undefined || lag <= freshness) return undefined
  const promised = `${formatDuration(freshness)} is promised`
  return {
    ...{ tone: 'warning', word: 'stale' },
    sentence: `${name} has brought no new row for ${formatDuration(lag)}; ${promised}.`,
  }
}

function volumeOf({ name, volume }: SourceListing): SourceTrouble | undefined {
  if (volume?.rows === undefined) return undefined
  const { rows, per, atLeast = 0, atMost = Number.POSITIVE_INFINITY } = volume
  if (rows >= atLeast && rows <= atMost) return undefined
  return {
    ...{ tone: 'warning', word: rows < atLeast ? 'too few rows' : 'too many rows' },
    sentence: `${name} brought ${formatCount(rows)} new rows in the last ${formatDuration(per)}; ${promisedVolume(volume)} is promised.`,
  }
}

/** The worst of what troubles some sources; nothing is known of one that was not read. */
export function sourceHealth(sources: readonly SourceListing[]): Health {
  const tones = sources.flatMap((source) => troublesOf(source).map(({ tone }) => tone))
  if (tones.length > 0) return tones.includes('failing') ? 'failing' : 'warning'
  return sources.every(({ since }) => since === undefined) ? 'not_enough_data' : 'ok'
}

/** What becomes of rows whose columns are not those that were accepted. */
export const rowsThen: Readonly<Record<SourceListing['onSchemaChange'], string>> = {
  accept: 'rows are taken as they fit the stream',
  quarantine: 'rows are kept as dead letters until they are accepted',
  stop: 'nothing is taken until they are accepted',
}

/** The state of a source by colour, shape and word: the worst of what troubles it. */
export function SourceStatus({ source }: { source: SourceListing }): ReactNode {
  const [worst, ...others] = troublesOf(source)
  if (worst === undefined)
    return source.since === undefined ? <Status tone="none">not read yet</Status> : <Status tone="ok">ok</Status>
  return (
    <>
      <Status tone={worst.tone}>{worst.word}</Status>
      {others.map(({ word }) => (
        <span key={word} className="under">
          {word}
        </span>
      ))}
    </>
  )
}

/** New rows that are promised of every stretch of time: `1,000 to 5,000 in 1 d`. */
export function promisedVolume({ per, atLeast, atMost }: NonNullable<SourceListing['volume']>): string {
  const bounds =
    atLeast === undefined
      ? `at most ${formatCount(atMost ?? 0)}`
      : atMost === undefined
        ? `at least ${formatCount(atLeast)}`
        : `${formatCount(atLeast)} to ${formatCount(atMost)}`
  return `${bounds} in ${formatDuration(per)}`
}

const tones: Readonly<Record<SourceRunAnswer['status'], Tone>> = {
  running: 'none',
  succeeded: 'ok',
  partial: 'warning',
  failed: 'failing',
}

/** How a run of a source ended; one that failed and is to be tried again is under way, and waits. */
export function RunStatus({ run }: { run: SourceRunAnswer }): ReactNode {
  const isWaiting = run.status === 'running' && run.error !== undefined
  if (isWaiting) return <Status tone="warning">waits</Status>
  return <Status tone={tones[run.status]}>{run.status === 'partial' ? 'read in part' : run.status}</Status>
}
