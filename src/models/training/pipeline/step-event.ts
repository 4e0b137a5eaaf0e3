import type { Digest } from '../../../core/digest.ts'
import type { StepFile } from './step-cache.ts'
import type { StepName } from './step-names.ts'

/** What is told of a step while it is done. */
export type StepEvent =
  | {
      readonly step: StepName
      readonly kind: 'begun'
      /** Absent of a step whose output is not kept under one. */
      readonly key?: Digest
    }
  | {
      readonly step: StepName
      readonly kind: 'done'
      readonly files: Readonly<Record<string, StepFile>>
      /** Where an output that was taken comes from; absent of one that was made now. */
      readonly from?: { readonly run: string; readonly at: number }
    }
  | { readonly step: StepName; readonly kind: 'log'; readonly text: string }
