import type { ReactNode } from 'react'
import type { CatalogueFeature, FeatureConsumer } from '../../../src/platform/api/contract.ts'
import { Status } from '../components/status.tsx'
import { formatCount, formatPercent } from '../format/number.ts'
import { formatDuration } from '../format/time.ts'
import { featureLink, modelLink } from '../route.ts'

/** Whether what was served of a feature came out again, within a day. */
export function ParityBadge({ parity }: { readonly parity: CatalogueFeature['parity'] }): ReactNode {
  if (parity === undefined) return <Status tone="none">not audited</Status>
  const { checked, mismatches, causes } = parity
  const why = Object.keys(causes).join(', ')
  return (
    <>
      <Status tone={mismatches === 0 ? 'ok' : 'failing'}>
        {mismatches === 0 ? 'the same' : `${formatCount(mismatches)} differ`}
      </Status>
      <span className="under">
        of {formatCount(checked)} recomputed{why === '' ? '' : `; ${why}`}
      </span>
    </>
  )
}

/** Who reads a feature, each with the way to it. */
export function Consumers({
  consumers,
  query,
}: {
  readonly consumers: readonly FeatureConsumer[]
  readonly query: URLSearchParams
}): ReactNode {
  if (consumers.length === 0) return <span className="quiet">nothing</span>
  return consumers.map(({ kind, name, version, serving }, index) => (
    <span key={`${name} ${version}`}>
      {index > 0 && ', '}
      <a href={kind === 'model' ? modelLink(name, query) : featureLink(name, query)}>{name}</a>
      {version !== undefined && ` v${version}`}
      {serving === true && ' (serves)'}
    </span>
  ))
}

/** How old what a group answers is, and how old it may be. */
export function freshnessWords({ freshness }: Pick<CatalogueFeature, 'freshness'>): string {
  if (freshness === undefined) return 'as the row that asks'
  const { age, promised } = freshness
  const now = age === undefined ? 'no event yet' : `${formatDuration(age)} old`
  return promised === undefined ? `${now}, none promised` : `${now}, ${formatDuration(promised)} promised`
}

/** The share of rows without a value, and where that was counted. */
export function nullWords({ trainedOn }: Pick<CatalogueFeature, 'trainedOn'>): string {
  if (trainedOn === undefined) return 'not enough data'
  const { model, version, rows, nullRate, imported } = trainedOn
  const how = imported === true ? ', which was imported, is compared with' : ' was trained on'
  return `${formatPercent(nullRate)} of ${formatCount(rows)} rows that ${model} v${version}${how}`
}
