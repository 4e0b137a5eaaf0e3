import { type ReactNode, useId } from 'react'

interface PanelProps {
  readonly title: string
  /** One line beside the title: what is counted here, and how. */
  readonly note?: ReactNode
  readonly aside?: ReactNode
  readonly children: ReactNode
}

/** A titled part of a page. */
export function Panel({ title, note, aside, children }: PanelProps): ReactNode {
  const id = useId()
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <p>{note}</p>
        {aside}
      </header>
      {children}
    </section>
  )
}
