import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { TruelineError } from '../../../core/errors.ts'
import { parseTime } from '../../../core/time.ts'
import type { Metadata, MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import { addEdges, addNode } from './lineage-store.ts'
import { externalName, OPEN_LINEAGE_NAMESPACE, type OpenLineageName } from './open-lineage.ts'

const text = Type.String({ minLength: 1, maxLength: 1000 })
const named = Type.Object({ namespace: text, name: text })
const datasets = Type.Optional(Type.Array(named, { maxItems: 1000 }))

/** What is taken of an event of a run or of a job; facets and all else is passed over. */
const jobEvent = Type.Object({ eventTime: text, job: named, inputs: datasets, outputs: datasets })
/** An event about a dataset alone. */
const datasetEvent = Type.Object({ eventTime: text, dataset: named })

/**
 * Takes an OpenLineage event of somebody else into the lineage: inputs -> job -> outputs. Datasets of the namespace
 * `trueline` named `streams/…` are our streams.
 * @see https://openlineage.io/spec/2-0-2/OpenLineage.json
 * @throws TruelineError `invalid_request` for what is no such event
 */
export async function takeOpenLineage({ database }: Metadata, event: unknown): Promise<void> {
  if (Value.Check(datasetEvent, event)) {
    await database.transaction().execute((transaction) => addDataset(transaction, event.dataset, timeOf(event)))
    return
  }
  if (!Value.Check(jobEvent, event)) throw refusal()
  await database.transaction().execute((transaction) => takeJob(transaction, event))
}

async function takeJob(transaction: MetadataTransaction, event: Static<typeof jobEvent>): Promise<void> {
  const { job, inputs = [], outputs = [] } = event
  const at = timeOf(event)
  const node = await addNode(transaction, { kind: 'external_job', name: externalName(job), facts: job, at })
  const sources: number[] = []
  for (const input of inputs) sources.push(await addDataset(transaction, input, at))
  await addEdges(transaction, sources, node)
  for (const output of outputs) await addEdges(transaction, [node], await addDataset(transaction, output, at))
}

async function addDataset(transaction: MetadataTransaction, { namespace, name }: OpenLineageName, at: number) {
  const stream =
    namespace === OPEN_LINEAGE_NAMESPACE && name.startsWith('streams/') ? name.slice('streams/'.length) : ''
  if (stream !== '') return await addNode(transaction, { kind: 'stream', name: stream })
  const facts = { namespace, name }
  return await addNode(transaction, { kind: 'external_dataset', name: externalName(facts), facts, at })
}

/** Java's clients give nanoseconds, and may name the zone after the offset. */
function timeOf({ eventTime }: { readonly eventTime: string }): number {
  try {
    return parseTime(eventTime.replace(/(\.\d{6})\d+/, '$1').replace(/\[[\w/+-]+\]$/, ''))
  } catch (cause) {
    throw refusal(cause)
  }
}

function refusal(cause?: unknown): TruelineError {
  return new TruelineError('invalid_request', 'This is no OpenLineage event of a run, a job or a dataset.', {
    remedy: 'Send events as https://openlineage.io/spec/2-0-2/OpenLineage.json has them, with at most 1,000 datasets.',
    cause,
  })
}
