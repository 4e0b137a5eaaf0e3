import type { MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import { versionName } from '../model-version.ts'
import { addEdges, addNode } from './lineage-store.ts'

/** Puts the run of a batch into the lineage: version -> batch, with where its scores went. */
export async function linkBatch(transaction: MetadataTransaction, number: number): Promise<void> {
  const run = await transaction
    .selectFrom('batch_runs')
    .selectAll()
    .where('number', '=', number)
    .executeTakeFirstOrThrow()
  const { model, version, batch, status, population, destination, at } = run
  const facts = { batch, status, population, destination, asOf: at, offset: run.log_offset }
  const node = await addNode(transaction, { kind: 'batch', name: `b${number}`, at: run.started_at, facts })
  await addEdges(
    transaction,
    [await addNode(transaction, { kind: 'version', name: versionName(model, version) })],
    node,
  )
}
