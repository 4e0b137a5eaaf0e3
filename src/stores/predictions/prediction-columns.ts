import type { PredictionLayout } from '../log/prediction-block.ts'

/** What a column of a file of predictions holds. */
export type PredictionColumn =
  | { readonly kind: 'text'; readonly name: string }
  /** Whole numbers are written as `type`; a number that is none is null, except where the type is exact. */
  | {
      readonly kind: 'number'
      readonly name: string
      readonly type: 'BIGINT' | 'INTEGER' | 'UINTEGER' | 'UTINYINT' | 'DOUBLE' | 'TIMESTAMP'
      /** NaN is kept as it is: of a score, it is one. */
      readonly exact?: boolean
    }

/** The columns that every file of predictions has, in order. */
export const commonColumns = [
  { kind: 'text', name: 'id' },
  { kind: 'number', name: 'block', type: 'BIGINT' },
  { kind: 'number', name: 'place', type: 'INTEGER' },
  { kind: 'number', name: 'sequence', type: 'BIGINT' },
  { kind: 'text', name: 'model' },
  { kind: 'number', name: 'version', type: 'INTEGER' },
  { kind: 'text', name: 'digest' },
  { kind: 'number', name: 't', type: 'TIMESTAMP' },
  { kind: 'number', name: 'served_at', type: 'TIMESTAMP' },
  { kind: 'text', name: 'mode' },
  { kind: 'text', name: 'row' },
  { kind: 'number', name: 'score', type: 'DOUBLE', exact: true },
  { kind: 'text', name: 'decision' },
  { kind: 'text', name: 'decided_by' },
  { kind: 'number', name: 'latency_us', type: 'UINTEGER' },
  { kind: 'text', name: 'statuses' },
] as const satisfies readonly PredictionColumn[]

/**
 * The columns of a file: those that all have, one a feature, and three for each sequence that was read; of a model of several
 * classes the likeliest one, and one a class. Only the names of features, sequences and classes have a dot, so none can be
 * taken for another.
 */
export function predictionColumns({ features, groups, classes }: PredictionLayout): readonly PredictionColumn[] {
  return [
    ...commonColumns,
    ...features.map((_, index) => ({ kind: 'number', name: featureColumn(features, index), type: 'DOUBLE' }) as const),
    ...groups.flatMap((group, index) => cutColumns(group, index)),
    ...(classes === undefined ? [] : classColumns(classes)),
  ]
}

/** The name of a feature's column: names of DuckDB do not differ by case alone, so one that would carries its place. */
export function featureColumn(features: readonly string[], index: number): string {
  const name = features[index]!
  return isShared(features, name) ? `feature.${index}.${name}` : `feature.${name}`
}

function classColumns(classes: readonly string[]): readonly PredictionColumn[] {
  const probabilities = probabilityNames(classes).map(
    (name): PredictionColumn => ({ kind: 'number', name, type: 'DOUBLE', exact: true }),
  )
  return [...probabilities, { kind: 'text', name: 'class' }]
}

/** A class may be called what another would be with its place before it: then all carry theirs. */
function probabilityNames(classes: readonly string[]): readonly string[] {
  const placed = classes.map((name, index) => `probability.${index}.${name}`)
  const names = classes.map((name, index) => (isShared(classes, name) ? placed[index]! : `probability.${name}`))
  return names.some((name) => isShared(names, name)) ? placed : names
}

function isShared(names: readonly string[], name: string): boolean {
  return names.filter((other) => other.toLowerCase() === name.toLowerCase()).length > 1
}

/** The position of a sequence; a group may be read twice, with other keys. */
function cutColumns(group: string, index: number): readonly PredictionColumn[] {
  return [
    { kind: 'number', name: `cut.${index}.${group}.generation`, type: 'UINTEGER' },
    { kind: 'number', name: `cut.${index}.${group}.partition`, type: 'UTINYINT' },
    { kind: 'number', name: `cut.${index}.${group}.offset`, type: 'BIGINT' },
  ]
}

/** Statuses as a text, a digit for each feature: a column of a few different texts takes next to nothing. */
export function statusText(statuses: readonly Uint8Array[], index: number): string {
  let text = ''
  for (const column of statuses) text += column[index]!.toString(36)
  return text
}

/** The statuses in such a text, or in a part of one. */
export function statusesIn(text: string): Uint8Array {
  return Uint8Array.from(text, (digit) => Number.parseInt(digit, 36))
}
