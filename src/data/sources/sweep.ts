import type { SourceDefinition } from '../../language/define/source-definition.ts'
import type { Positions } from './source-page.ts'
import type { SourceState } from './source-state.ts'
import type { SourceRun } from './source-store.ts'

/** The part of a source that is the sweep over its keys. */
export const SWEEP = 'sweep'

/** How far a sweep has come. */
export interface SweepPosition {
  /** Number of its run: one that did not end in it begins anew. */
  readonly run: number
  /** As `KeyPage.position` gave it. */
  readonly after: unknown
}

/** Whether a source reads what changed by its watermark, and finds what is gone by a sweep over the keys alone. */
export function isSwept({ incremental, deletions }: Pick<SourceDefinition, 'incremental' | 'deletions'>): boolean {
  return incremental !== undefined && deletions !== undefined
}

/** Whether a run ends in a sweep. What a first run or a backfill reads is history, in which nothing is deleted. */
export function isSweepDue(definition: SourceDefinition, { started, sweptAt }: SourceState, run: SourceRun): boolean {
  if (!isSwept(definition) || !started || run.kind === 'backfill') return false
  return sweptAt === undefined || run.startedAt - sweptAt >= (definition.deletions?.every ?? 0)
}

/** The sweep that a run has begun before. */
export function sweepUnderWay(positions: Positions, run: SourceRun): SweepPosition | undefined {
  const position = positions.get(SWEEP) as SweepPosition | undefined
  return position?.run === run.number ? position : undefined
}
