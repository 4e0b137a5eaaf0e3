import { Fragment, type ReactNode, useEffect, useState } from 'react'
import { asCalled } from '../called-as.ts'

/** A command line to copy. */
export function Command({ line: given }: { line: string }): ReactNode {
  const line = asCalled(given)
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), 2_000)
    return () => clearTimeout(timer)
  }, [state])
  const copy = (): void => {
    copyText(line).then(
      () => setState('copied'),
      () => setState('refused'),
    )
  }
  return (
    <div className="command">
      <CommandWords line={line} />
      <button type="button" onClick={copy} aria-label={`Copy the command: ${line}`}>
        {state === 'idle' ? 'Copy' : state === 'copied' ? 'Copied' : 'Select it'}
      </button>
      <span className="unseen" aria-live="polite">
        {state === 'copied' ? 'Copied' : ''}
      </span>
    </div>
  )
}

/** A command line within a table or a text; it is broken between words, and never within `--reason`. */
export function CommandWords({ line }: { line: string }): ReactNode {
  return (
    <code className="words">
      {line.split(' ').map((word, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a word of a line has no other identity
        <Fragment key={place}>
          {place > 0 && ' '}
          <span>{word}</span>
        </Fragment>
      ))}
    </code>
  )
}

/** Puts a text on the clipboard; rejects where the browser does not allow it, as on plain HTTP from another host. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard === undefined) throw new Error('no clipboard')
  await navigator.clipboard.writeText(text)
}
