import type { ReactNode } from 'react'
import type { StreamQuality } from '../../../src/platform/api/contract.ts'
import { checkWord } from '../components/status.tsx'
import { formatTime } from '../format/time.ts'

type Verdict = StreamQuality['verdicts'][number]

interface VerdictStripProps {
  /** Newest first. */
  readonly verdicts: readonly Verdict[]
  readonly chosen: string | undefined
  readonly zone: string
  readonly onChoose: (id: string) => void
}

const shapes = { pass: '●', warn: '▲', fail: '■', insufficient: '○' } as const
const tones = { pass: 'ok', warn: 'warning', fail: 'failing', insufficient: 'none' } as const

/** One mark a batch, oldest first, by colour and shape; choosing one shows what its checks found. */
export function VerdictStrip({ verdicts, chosen, zone, onChoose }: VerdictStripProps): ReactNode {
  return (
    <ol className="verdicts" aria-label="Batches, oldest first">
      {verdicts.toReversed().map((one) => (
        <li key={one.id}>
          <button
            type="button"
            className={`status ${tones[one.verdict]}`}
            aria-pressed={one.id === chosen}
            title={`${formatTime(one.at, zone)}: ${checkWord(one.verdict)}`}
            aria-label={`${one.batch}, ${formatTime(one.at, zone)}: ${checkWord(one.verdict)}`}
            onClick={() => onChoose(one.id)}
          >
            {shapes[one.verdict]}
          </button>
        </li>
      ))}
    </ol>
  )
}
