import type { ModelBundle } from '../../../models/registry/bundle.ts'
import { manifestArtifacts } from '../../../models/registry/manifest.ts'

/** What is read of an evaluation. */
interface Evaluated {
  readonly metrics?: Readonly<
    Record<string, { readonly value: number; readonly low?: number; readonly high?: number } | undefined>
  >
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
 * A version of a model as components of a bill of materials: the model with its card, and the dataset that it learnt from.
 * @see https://cyclonedx.org/docs/1.6/json/#components_items_modelCard
 */
export function modelComponents(bundle: ModelBundle): readonly object[] {
  const { model, variant, digest, manifest, definition, definitionDigest, author } = bundle
  const { predicts, task, owner } = definition.models[model]!
  const dataset = datasetComponent(bundle)
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
          architectureFamily: definition.models[model]!.trainer.kind,
          ...(dataset === undefined ? {} : { datasets: [{ ref: dataset['bom-ref'] }] }),
        },
        quantitativeAnalysis: { performanceMetrics: performanceOf(bundle.evaluation as Evaluated | null) },
        considerations: considerationsOf(bundle),
      },
      properties: [
        { name: 'trueline:variant', value: variant },
        { name: 'trueline:definitions', value: definitionDigest },
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

/** The rows that it learnt from; undefined of a model that was brought in without them. */
function datasetComponent({ model, run }: ModelBundle) {
  const { content, rows, files = {} } = (run.data ?? {}) as Trained
  if (content === undefined) return undefined
  const digests = Object.entries(files).flatMap(([stream, list]) =>
    list.map(({ digest }) => ({ name: `trueline:file:${stream}`, value: digest })),
  )
  return {
    type: 'data',
    'bom-ref': `dataset:${hexOf(content)}`,
    name: `${model} training set`,
    version: content,
    hashes: [{ alg: 'SHA-256', content: hexOf(content) }],
    data: [{ type: 'dataset', name: `${model} training set`, description: `${rows ?? 0} rows` }],
    properties: digests,
  }
}

function performanceOf(evaluation: Evaluated | null): readonly object[] {
  const { metrics = {}, segments = [] } = evaluation ?? {}
  const whole = Object.entries(metrics).flatMap(([type, estimate]) => {
    if (estimate === undefined) return []
    const { value, low, high } = estimate
    const interval =
      low === undefined || high === undefined ? undefined : { lowerBound: `${low}`, upperBound: `${high}` }
    return [{ type, value: `${value}`, ...(interval === undefined ? {} : { confidenceInterval: interval }) }]
  })
  const parts = segments.flatMap(({ column, name, metrics: of }) =>
    Object.entries(of).map(([type, value]) => ({ type, value: `${value}`, slice: `${column} = ${name ?? 'none'}` })),
  )
  return [...whole, ...parts]
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
