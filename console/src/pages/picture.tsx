import type { ReactNode } from 'react'
import type { StreamQuality } from '../../../src/platform/api/contract.ts'
import { formatPercent } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { formatValue } from '../format/value.ts'

type Row = NonNullable<StreamQuality['profile']>['columns'][number]

const WIDTH = 168
const HEIGHT = 32
const MOST_BARS = 6

/** A column at a glance: a histogram of numbers and times, the shares of the most frequent values of texts. */
export function Picture({ column, zone }: { column: Row; zone: string }): ReactNode {
  if (column.sensitive === true) return <span className="quiet">sensitive: not shown</span>
  if (column.rows === column.nulls) return <span className="quiet">no value</span>
  if (column.picture !== undefined && column.type !== 'bool') return <Histogram column={column} zone={zone} />
  return <Shares column={column} />
}

function Histogram({ column, zone }: { column: Row; zone: string }): ReactNode {
  const { from, to, counts } = column.picture!
  const most = Math.max(...counts)
  const width = WIDTH / counts.length
  const ends = [from, to].map((value) => endOf(value, column.type, zone)) as [string, string]
  return (
    <div className="picture">
      <svg width={WIDTH} height={HEIGHT} role="img" aria-label={`${column.name} from ${ends[0]} to ${ends[1]}`}>
        {counts.map((count, bin) => {
          // What is there is seen, however little it is.
          const height = count === 0 ? 0 : Math.max(1.5, (HEIGHT - 1) * (count / most))
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its place
            <rect key={bin} x={bin * width} y={HEIGHT - 1 - height} width={Math.max(1, width - 1)} height={height} />
          )
        })}
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      </svg>
      <span className="under ends">
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </span>
    </div>
  )
}

/** A value at the end of a picture: of a time its day. */
function endOf(value: number, type: string, zone: string): string {
  return type === 'timestamp' ? formatTime(value, zone).replace(/ \d\d:\d\d$/, '') : formatValue(value, type, zone)
}

/** The most frequent values, each with a bar as long as its share; what is left is others. */
function Shares({ column }: { column: Row }): ReactNode {
  const values = column.rows - column.nulls
  const shown = column.top.slice(0, MOST_BARS)
  const others = 1 - shown.reduce((sum, { count }) => sum + count, 0) / Math.max(1, values)
  if (shown[0] === undefined || shown[0].count / values < 0.02)
    return <span className="quiet">no value is frequent</span>
  const label = shown.map(({ value, count }) => `${value} ${formatPercent(count / values)}`).join(', ')
  let x = 0
  return (
    <div className="picture">
      <svg width={WIDTH} height={14} role="img" aria-label={`Most frequent: ${label}`}>
        {shown.map(({ value, count }, index) => {
          const width = (WIDTH * count) / values
          const left = x
          x += width
          return (
            <rect key={value} x={left} y={1} width={Math.max(1, width - 1)} height={12} opacity={1 - index * 0.14} />
          )
        })}
        <line x1="0" x2={WIDTH} y1={13.5} y2={13.5} />
      </svg>
      <span className="under ends">
        <span>
          {shown[0].value === '' ? '(empty)' : shown[0].value.slice(0, 14)} {formatPercent(shown[0].count / values)}
        </span>
        {others > 0.005 && <span>others {formatPercent(others)}</span>}
      </span>
    </div>
  )
}
