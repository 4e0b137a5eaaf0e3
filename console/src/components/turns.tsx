import { type ReactNode, useState } from 'react'

interface TurnsProps {
  readonly number: number
  readonly onBack: (() => void) | undefined
  readonly onNext: (() => void) | undefined
}

/** The way through pages whose number nobody counts. */
export function Turns({ number, onBack, onNext }: TurnsProps): ReactNode {
  if (onBack === undefined && onNext === undefined) return null
  return (
    <div className="pager">
      <span className="said" aria-live="polite">
        page {number}
      </span>
      <button type="button" disabled={onBack === undefined} onClick={onBack}>
        Previous
      </button>
      <button type="button" disabled={onNext === undefined} onClick={onNext}>
        Next
      </button>
    </div>
  )
}

/** The cursors that led to a page: the way back to the pages before. */
export interface Trail {
  /** Of the page shown; undefined on the first. */
  readonly cursor: string | undefined
  /** What the pager needs, once it is known whether there is a next page. */
  turns(next: string | null | undefined): TurnsProps
}

interface Kept {
  readonly of: string
  readonly cursors: readonly string[]
}

/**
 * The browser's back button leads to the page of a table that was left.
 * @param table its name on its page
 * @param of what is asked for: with another question it begins at the first page again
 */
export function useTrail(table: string, of = ''): Trail {
  const [trail, setKept] = useState<Kept>(() => trailsOf(history.state)[table] ?? { of, cursors: [] })
  const setTrail = (next: Kept): void => {
    setKept(next)
    history.replaceState({ ...history.state, trails: { ...trailsOf(history.state), [table]: next } }, '')
  }
  const cursors = trail.of === of ? trail.cursors : []
  return {
    cursor: cursors.at(-1),
    turns: (next) => ({
      number: cursors.length + 1,
      onBack: cursors.length === 0 ? undefined : () => setTrail({ of, cursors: cursors.slice(0, -1) }),
      onNext: next === null || next === undefined ? undefined : () => setTrail({ of, cursors: [...cursors, next] }),
    }),
  }
}

/** What this entry of the browser's history has of the tables of its page. */
function trailsOf(state: unknown): Readonly<Record<string, Kept>> {
  return (state as { readonly trails?: Readonly<Record<string, Kept>> } | null)?.trails ?? {}
}
