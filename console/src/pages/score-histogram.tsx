import type { ReactNode } from 'react'
import type { BatchRunAnswer } from '../../../src/platform/api/contract.ts'
import { formatCount, formatMetric } from '../format/number.ts'

type Score = NonNullable<NonNullable<BatchRunAnswer['report']>['score']>

const WIDTH = 600
const HEIGHT = 140

/** How the scores of a run are spread, with their ends and their mean. */
export function ScoreHistogram({ score }: { score: Score }): ReactNode {
  const { min, mean, max, edges, counts, psi, classes } = score
  const most = Math.max(1, ...counts)
  const width = WIDTH / Math.max(1, counts.length)
  const rows = counts.reduce((sum, count) => sum + count, 0)
  const spread = `${formatCount(rows)} scores from ${formatMetric(min)} to ${formatMetric(max)}, mean ${formatMetric(mean)}`
  const words = classes === undefined ? spread : `${spread}; by likeliest class: ${classWords(classes, counts)}`
  const rangeOf = (bin: number): string =>
    classes?.[bin] ?? `${formatMetric(edges[bin] ?? min)} to ${formatMetric(edges[bin + 1] ?? max)}`
  return (
    <>
      <svg
        className="histogram"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words}
      >
        {counts.map((count, bin) => {
          const height = count === 0 ? 0 : Math.max(1.5, (HEIGHT - 1) * (count / most))
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its place
            <rect key={bin} x={bin * width} y={HEIGHT - 1 - height} width={Math.max(1, width - 1)} height={height}>
              <title>{`${rangeOf(bin)}: ${formatCount(count)} rows`}</title>
            </rect>
          )
        })}
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      </svg>
      <p className="ends">
        <span>{classes?.[0] ?? formatMetric(edges[0] ?? min)}</span>
        <span>{classes?.at(-1) ?? formatMetric(edges.at(-1) ?? max)}</span>
      </p>
      <p>
        {words}
        {psi === undefined
          ? '.'
          : `; population stability index ${formatMetric(psi)} against the rows that it was tested on.`}
      </p>
    </>
  )
}

function classWords(classes: readonly string[], counts: readonly number[]): string {
  return classes.map((name, place) => `${name} ${formatCount(counts[place] ?? 0)}`).join(', ')
}
