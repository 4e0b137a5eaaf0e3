import type { MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import { addEdges, addNode, addOffsets, filesOfOffsets } from './lineage-store.ts'
import { externalName } from './open-lineage.ts'
import { datasetOfSource } from './source-dataset.ts'
import type { SourceAt } from './source-definitions.ts'

/** Puts a run of a source that brought rows into the lineage: source -> run, with the offsets that its events may have. */
export async function linkSourceRun(
  transaction: MetadataTransaction,
  number: number,
  sourceAt: SourceAt,
): Promise<void> {
  const run = await transaction
    .selectFrom('source_runs')
    .selectAll()
    .where('number', '=', number)
    .executeTakeFirstOrThrow()
  if (run.accepted === 0 || run.first_offset === null || run.last_offset === null) return
  const definition = await sourceAt(run.source, run.started_at)
  if (definition === undefined) return
  const { into: stream } = definition
  const source = await addNode(transaction, { kind: 'source', name: run.source, facts: { stream } })
  const outside = datasetOfSource(definition)
  await addEdges(
    transaction,
    [await addNode(transaction, { kind: 'external_dataset', name: externalName(outside), facts: { ...outside } })],
    source,
  )
  const node = await addNode(transaction, {
    kind: 'source_run',
    name: `${run.source}/${number}`,
    at: run.started_at,
    facts: {
      ...{ stream, why: run.kind, accepted: run.accepted, rejected: run.rejected, watermark: run.watermark },
      offsets: [run.first_offset, run.last_offset],
    },
  })
  await addEdges(transaction, [source], node)
  const offsets = { first: run.first_offset, last: run.last_offset }
  await addOffsets(transaction, node, stream, offsets)
  // What was trained on while the run went on is in the lineage before it.
  for (const file of await filesOfOffsets(transaction, stream, offsets)) await addEdges(transaction, [node], file)
}
