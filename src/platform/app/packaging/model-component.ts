import type { ModelBundle } from '../../../models/registry/bundle.ts'
import { type ImportedFile, importedFile } from '../../../models/registry/import-origin.ts'
import { manifestArtifacts } from '../../../models/registry/manifest.ts'

/** What is read of an evaluation. */
interface Evaluated {
  readonly metrics?: Readonly<
    Record<string, { readonly value: number; readonly low?: number; readonly high?: number } | undefined>
  >
  readonly ofClasses?: {
    readonly classes: readonly {
      readonly name: string
      readonly auc?: { readonly value: number; readonly low: number; readonly high: number }
    }[]
  }
  /** Of a model from elsewhere: the format of its file. */
  readonly imported?: { readonly format?: string }
  readonly segments?: readonly {
    readonly column: string
    readonly name: string | null
    readonly metrics: Readonly<Record<string, number>>
  }[]
}

/** What is read of the manifest of a dataset. */
interface Trained {
  readonly content?: string
  readonly rows?: number
  readonly files?: Readonly<Record<string, readonly { readonly digest: string }[]>>
}

/**
 * A version of a model as components of a bill of materials: the model with its card, and the dataset that it learnt from. What
 * a model from elsewhere learnt from is not known: the dataset is what it was judged on, and is said to be that.
 * @see https://cyclonedx.org/docs/1.6/json/#components_items_modelCard
 */
export function modelComponents(bundle: ModelBundle): readonly object[] {
  const { model, variant, digest, manifest, definition, definitionDigest, author } = bundle
  const { predicts, task, owner } = definition.models[model]!
  const imported = importedFile(bundle.run.parameters)
  const dataset = datasetComponent(bundle, imported === undefined ? 'training' : 'judging')
  const evaluation = bundle.evaluation as Evaluated | null
  return [
    {
      type: 'machine-learning-model',
      'bom-ref': `model:${model}`,
      authors: [{ name: author.name }],
      ...(owner === undefined ? {} : { supplier: { name: owner } }),
      name: model,
      version: digest,
      description: predicts,
      hashes: [{ alg: 'SHA-256', content: hexOf(digest) }],
      modelCard: {
        'bom-ref': `card:${model}`,
        modelParameters: {
          approach: { type: 'supervised' },
          task,
          architectureFamily: imported === undefined ? definition.models[model]!.trainer.kind : formatOf(evaluation),
          ...(dataset === undefined || imported !== undefined ? {} : { datasets: [{ ref: dataset['bom-ref'] }] }),
        },
        quantitativeAnalysis: { performanceMetrics: performanceOf(evaluation) },
        considerations: considerationsOf(bundle),
      },
      properties: [
        { name: 'trueline:variant', value: variant },
        { name: 'trueline:definitions', value: definitionDigest },
        ...(imported === undefined ? [] : originOf(imported, dataset?.['bom-ref'])),
        ...Object.entries(manifestArtifacts(manifest)).map(([name, value]) => ({
          name: `trueline:part:${name}`,
          value,
        })),
        ...Object.entries(manifest.features).map(([name, value]) => ({ name: `trueline:feature:${name}`, value })),
      ],
    },
    ...(dataset === undefined ? [] : [dataset]),
  ]
}

/** Where a model from elsewhere came from, and what it was judged on. */
function originOf({ file, from }: ImportedFile, judgedOn: string | undefined) {
  const said = { 'imported-file': file, 'imported-from': from, 'judged-on': judgedOn }
  return Object.entries(said).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: `trueline:${name}`, value }],
  )
}

function formatOf(evaluation: Evaluated | null): string {
  return evaluation?.imported?.format ?? 'unknown'
}

/** The rows that it learnt from, or was judged on; undefined of a model that was brought in without them. */
function datasetComponent({ model, run }: ModelBundle, use: 'training' | 'judging') {
  const { content, rows, files = {} } = (run.data ?? {}) as Trained
  if (content === undefined) return undefined
  const digests = Object.entries(files).flatMap(([stream, list]) =>
    list.map(({ digest }) => ({ name: `trueline:file:${stream}`, value: digest })),
  )
  return {
    type: 'data',
    'bom-ref': `dataset:${hexOf(content)}`,
    name: `${model} ${use} set`,
    version: content,
    hashes: [{ alg: 'SHA-256', content: hexOf(content) }],
    data: [{ type: 'dataset', name: `${model} ${use} set`, description: `${rows ?? 0} rows` }],
    properties: digests,
  }
}

function performanceOf(evaluation: Evaluated | null): readonly object[] {
  const { metrics = {}, ofClasses, segments = [] } = evaluation ?? {}
  const whole = Object.entries(metrics).flatMap(([type, estimate]) =>
    estimate === undefined ? [] : [{ type, ...figureOf(estimate) }],
  )
  const classes = (ofClasses?.classes ?? []).flatMap(({ name, auc }) =>
    auc === undefined ? [] : [{ type: 'auc', slice: `class = ${name}`, ...figureOf(auc) }],
  )
  const parts = segments.flatMap(({ column, name, metrics: of }) =>
    Object.entries(of).map(([type, value]) => ({ type, value: `${value}`, slice: `${column} = ${name ?? 'none'}` })),
  )
  return [...whole, ...classes, ...parts]
}

function figureOf({ value, low, high }: { readonly value: number; readonly low?: number; readonly high?: number }) {
  const interval = low === undefined || high === undefined ? undefined : { lowerBound: `${low}`, upperBound: `${high}` }
  return { value: `${value}`, ...(interval === undefined ? {} : { confidenceInterval: interval }) }
}

function considerationsOf({ model, definition }: ModelBundle): object {
  const { card } = definition.models[model]!
  return {
    ...(card.intendedUse === undefined ? {} : { useCases: [card.intendedUse] }),
    ...(card.limits === undefined ? {} : { technicalLimitations: [card.limits] }),
  }
}

function hexOf(digest: string): string {
  return digest.replace('sha256:', '')
}
