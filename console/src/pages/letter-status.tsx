import type { ReactNode } from 'react'
import type { DeadLetter } from '../../../src/platform/api/contract.ts'
import { Status } from '../components/status.tsx'

/** What became of a dead letter, by colour, shape and word. */
export function LetterStatus({ letter: { state, attempts } }: { letter: DeadLetter }): ReactNode {
  const tone = state === 'open' ? 'warning' : state === 'discarded' ? 'none' : 'ok'
  return (
    <>
      <Status tone={tone}>{state}</Status>
      {attempts > 0 && (
        <span className="under">
          tried {attempts} {attempts === 1 ? 'time' : 'times'}
        </span>
      )}
    </>
  )
}
