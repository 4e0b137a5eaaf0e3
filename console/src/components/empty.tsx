import type { ReactNode } from 'react'
import { Command } from './command.tsx'

/** What would be here, and the command that puts it here. */
export function Empty({ children, line }: { children: ReactNode; line?: string }): ReactNode {
  return (
    <div className="empty">
      <p>{children}</p>
      {line !== undefined && <Command line={line} />}
    </div>
  )
}
