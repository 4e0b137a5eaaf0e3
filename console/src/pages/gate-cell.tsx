import type { ReactNode } from 'react'
import { sentence } from '../components/sentence.tsx'
import { Status, type Tone } from '../components/status.tsx'

/** How a verdict of a gate or of a test of evidence looks. */
export function gateTone(verdict: string): Tone {
  return verdict === 'pass' ? 'ok' : verdict === 'fail' ? 'warning' : 'none'
}

interface GateCellProps {
  /** Null where no gate judged it. */
  readonly gate: { readonly verdict: string; readonly sentence: string } | null
}

/** The verdict of a gate with its sentence, in a table. */
export function GateCell({ gate }: GateCellProps): ReactNode {
  if (gate === null) return <span className="quiet">not judged</span>
  return (
    <>
      <Status tone={gateTone(gate.verdict)}>{gate.verdict}</Status>
      <span className="under">{sentence(gate.sentence)}</span>
    </>
  )
}
