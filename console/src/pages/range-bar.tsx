import { type ReactNode, useState } from 'react'
import { copyText } from '../components/command.tsx'
import { formatTime } from '../format/time.ts'
import { changeQuery } from '../route.ts'
import { presetOf, presets, rangeChanges } from '../time/range.ts'

interface RangeBarProps {
  readonly from: number
  readonly to: number
  readonly now: number
  readonly zone: string
  readonly query: URLSearchParams
}

/** Which stretch of time is shown, and the ways to another one. */
export function RangeBar({ from, to, now, zone, query }: RangeBarProps): ReactNode {
  const chosen = presetOf(query, to - from)
  const choose = (name: string): void =>
    changeQuery({ range: name, from: undefined, to: undefined, at: undefined }, 'push')
  const shift = (share: number): void => {
    const by = (to - from) * share
    changeQuery(rangeChanges(from + by, to + by), 'push')
  }
  return (
    <div className="rangebar">
      <fieldset className="group">
        <legend className="unseen">Stretch of time</legend>
        {presets.map((preset) => (
          <button key={preset.label} type="button" aria-pressed={preset === chosen} onClick={() => choose(preset.name)}>
            {preset.label}
          </button>
        ))}
      </fieldset>
      <span className="group">
        <button type="button" onClick={() => shift(-0.5)}>
          Earlier
        </button>
        <button type="button" disabled={to >= now} onClick={() => shift(0.5)}>
          Later
        </button>
      </span>
      <span className="span">
        {formatTime(from, zone)} – {formatTime(to, zone)} <span className="quiet">{zone}</span>
      </span>
      <span className="hint quiet">Drag to zoom, double-click for all, click to hold a time</span>
      <CopyLink />
    </div>
  )
}

function CopyLink(): ReactNode {
  const [said, setSaid] = useState('Copy link')
  const copy = (): void => {
    copyText(location.href).then(
      () => setSaid('Copied'),
      () => setSaid('It is in the address bar'),
    )
  }
  return (
    <button type="button" onClick={copy} onBlur={() => setSaid('Copy link')} aria-live="polite">
      {said}
    </button>
  )
}
