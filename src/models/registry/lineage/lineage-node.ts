/**
 * What stands in the lineage, from where data comes to what was decided by it:
 * a `source` of the project, one `source_run` of it, a `stream`, a `file` of its events in the lake, the definition of
 * `features`, a `dataset` to train on, a `run` that trained, or judged what was trained elsewhere, a `version` of a model,
 * the `logged_run` and the `logged_model` that one came from, a `batch` run, and what others told of: an `external_job`
 * and an `external_dataset`. A `prediction` is in no table: the log says what made it.
 */
export type LineageKind =
  | 'source'
  | 'source_run'
  | 'stream'
  | 'file'
  | 'features'
  | 'dataset'
  | 'run'
  | 'version'
  | 'logged_run'
  | 'logged_model'
  | 'batch'
  | 'prediction'
  | 'external_job'
  | 'external_dataset'

export const lineageKinds: readonly LineageKind[] = [
  ...([
    'source',
    'source_run',
    'stream',
    'file',
    'features',
    'dataset',
    'run',
    'version',
    'batch',
    'prediction',
  ] as const),
  ...(['logged_run', 'logged_model', 'external_job', 'external_dataset'] as const),
]

/** A thing in the lineage. */
export interface LineageNode {
  readonly kind: LineageKind
  /** Unique in its kind: a name, a digest, or `late_flight/3`. */
  readonly name: string
  /** More about it; plain JSON data. */
  readonly facts: Readonly<Record<string, unknown>>
  /** When it came into being, microseconds. */
  readonly at: number
}

/** A node's name in texts, such as `version:late_flight/3`. */
export function lineageId({ kind, name }: Pick<LineageNode, 'kind' | 'name'>): string {
  return `${kind}:${name}`
}
