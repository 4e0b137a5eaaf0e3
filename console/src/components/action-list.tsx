import type { ReactNode } from 'react'
import { breakable } from './breakable.tsx'
import { Command } from './command.tsx'

/** Something that can be done about what is shown: what will happen, and the command line that does it. */
export interface Action {
  readonly name: string
  readonly effect: string
  readonly line: string
}

/** Actions, one below the other. */
export function ActionList({ actions }: { actions: readonly Action[] }): ReactNode {
  return (
    <ul className="actions">
      {actions.map(({ name, effect, line }) => (
        <li key={line}>
          <strong>{name}</strong>
          <p>{breakable(effect)}</p>
          <Command line={line} />
        </li>
      ))}
    </ul>
  )
}
