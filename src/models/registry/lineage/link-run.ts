import type { MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import { importedFile, loggedOrigin } from '../import-origin.ts'
import { versionName } from '../model-version.ts'
import { addEdges, addNode, nodesOfOffsets } from './lineage-store.ts'
import type { LineageOptions } from './update-lineage.ts'

/** What is read of the manifest of a dataset. */
interface DatasetFacts {
  readonly content: string
  readonly rows: number
  readonly cut: number
  readonly from: number
  readonly to: number
  readonly files: Readonly<Record<string, readonly { readonly digest: string; readonly rows: number }[]>>
  readonly features: Readonly<Record<string, string>>
}

/**
 * Puts a training into the lineage: streams and runs of sources -> files -> dataset <- features; dataset -> run -> versions,
 * and features -> versions, which are served with them. A run that judged a model from elsewhere is marked as such: what
 * that learnt from is not known, but the run and the model that it was logged as lead to its version.
 */
export async function linkRun(
  transaction: MetadataTransaction,
  number: number,
  options: LineageOptions,
): Promise<void> {
  const run = await transaction.selectFrom('runs').selectAll().where('number', '=', number).executeTakeFirstOrThrow()
  const author = run.author_name
  const imported = importedFile(JSON.parse(run.parameters))
  const node = await addNode(transaction, {
    kind: 'run',
    name: `run-${number}`,
    at: run.started_at,
    facts: {
      model: run.model,
      status: run.status,
      author,
      seed: run.seed,
      ...(imported === undefined ? {} : { imported }),
    },
  })
  const data = run.data === null ? undefined : (JSON.parse(run.data) as DatasetFacts | null)
  if (data?.content !== undefined) await addEdges(transaction, [await linkDataset(transaction, data, options)], node)
  const versions = await transaction.selectFrom('model_versions').selectAll().where('run', '=', number).execute()
  for (const { model, version, digest, manifest, created_at: at, variant } of versions) {
    const name = versionName(model, version)
    const target = await addNode(transaction, { kind: 'version', name, at, facts: { digest, variant } })
    const { features } = JSON.parse(manifest) as Pick<DatasetFacts, 'features'>
    const origins = imported === undefined ? [] : await linkLogged(transaction, model, version)
    await addEdges(transaction, [node, ...origins, ...(await featureNodes(transaction, features))], target)
  }
}

/** What a version was logged from: the run -> the logged model, the nearest of which leads to the version. */
async function linkLogged(transaction: MetadataTransaction, model: string, version: number): Promise<number[]> {
  const logged = await loggedOrigin(transaction, model, version)
  if (logged === undefined) return []
  const { by, at, run, loggedModel } = logged
  const facts = { by: by.name }
  const nodes: number[] = []
  if (run !== undefined) nodes.push(await addNode(transaction, { kind: 'logged_run', name: run, facts }))
  if (loggedModel === undefined) return nodes
  const files = await addNode(transaction, { kind: 'logged_model', name: loggedModel, at, facts })
  await addEdges(transaction, nodes, files)
  return [files]
}

async function linkDataset(
  transaction: MetadataTransaction,
  { content, rows, cut, from, to, files, features }: DatasetFacts,
  options: LineageOptions,
): Promise<number> {
  const facts = { rows, from, to, cut }
  const dataset = await addNode(transaction, { kind: 'dataset', name: content, at: cut, facts })
  const sources = await featureNodes(transaction, features)
  for (const [stream, list] of Object.entries(files))
    for (const { digest, rows: inFile } of list)
      sources.push(await linkFile(transaction, stream, { digest, rows: inFile }, options))
  await addEdges(transaction, sources, dataset)
  return dataset
}

async function linkFile(
  transaction: MetadataTransaction,
  stream: string,
  { digest, rows }: { readonly digest: string; readonly rows: number },
  { fileOf }: LineageOptions,
): Promise<number> {
  const file = fileOf(stream, digest)
  const offsets = file === undefined ? undefined : { first: file.firstOffset, last: file.lastOffset }
  const node = await addNode(transaction, {
    kind: 'file',
    name: digest,
    facts: {
      stream,
      rows,
      ...(file === undefined ? {} : { path: file.path, offsets: [offsets!.first, offsets!.last] }),
    },
  })
  const origins = offsets === undefined ? [] : await nodesOfOffsets(transaction, stream, offsets)
  await addEdges(transaction, [await addNode(transaction, { kind: 'stream', name: stream }), ...origins], node)
  return node
}

async function featureNodes(
  transaction: MetadataTransaction,
  features: Readonly<Record<string, string>>,
): Promise<number[]> {
  const nodes: number[] = []
  for (const [name, digest] of Object.entries(features))
    nodes.push(await addNode(transaction, { kind: 'features', name: `${name}@${digest}`, facts: { name, digest } }))
  return nodes
}
