import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import { describeExpression } from '../../../language/define/logic.ts'
import { seedOf } from '../../../language/define/trainer-definition.ts'
import type { WeightsDefinition } from '../../../language/define/weights-definition.ts'
import { startRunWithin } from '../../../models/registry/runs.ts'
import { beginPipeline, type PipelineRun } from '../../../models/training/pipeline/run-store.ts'
import type { MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import { type ImportRequest, provenanceOf } from '../importing.ts'
import type { KeptRequest } from './training-request.ts'
import type { TrainingSnapshot } from './training-snapshot.ts'

/** A run that is to be done, or gone on with. */
export type TrainingRun = PipelineRun<KeptRequest, TrainingSnapshot>

/** A run before it is begun. */
export interface RunToBegin {
  readonly request: KeptRequest
  /** The file of the request, if it has one. */
  readonly imported: ImportRequest | undefined
  /** Microseconds. */
  readonly at: number
}

/** What rows count by, as runs are compared and searched by it: an expression in words. */
function weightParameters({ classes, rows }: WeightsDefinition = {}): Readonly<Record<string, unknown>> {
  return {
    ...(classes === undefined ? {} : { 'weights.classes': classes }),
    ...(rows === undefined ? {} : { 'weights.rows': describeExpression(rows) }),
  }
}

/** Begins a run within a transaction: once that is committed it goes on after any crash. */
export async function beginRun(
  transaction: MetadataTransaction,
  project: ProjectDefinition,
  { request, imported, at }: RunToBegin,
): Promise<TrainingRun> {
  const { model, author, variant } = request
  const { trainer, weights } = project.models[model]!
  const parameters =
    imported === undefined
      ? { ...trainer.parameters, ...weightParameters(weights), variant }
      : { imported: provenanceOf(imported), variant }
  const { id } = await startRunWithin(transaction, { model, author, seed: seedOf(trainer), parameters }, at)
  await beginPipeline(transaction, id, request)
  return { run: id, request, snapshot: undefined, attempts: 1 }
}
