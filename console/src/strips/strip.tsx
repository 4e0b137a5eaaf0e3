import { type ReactNode, useId } from 'react'

interface StripProps {
  readonly title: string
  /** The unit, and what is counted. */
  readonly unit?: string
  /** Saves what the strip shows as CSV. */
  readonly onDownload?: (() => void) | undefined
  readonly readout?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

/** One row of the frame: what it is, its plot, and what it reads at the cursor. */
export function Strip({ title, unit, onDownload, readout, className = '', children }: StripProps): ReactNode {
  const id = useId()
  return (
    <section className={`strip ${className}`} aria-labelledby={id}>
      <div className="head">
        <div className="title">
          <h3 id={id}>{title}</h3>
          {onDownload !== undefined && (
            <button
              type="button"
              className="plain download"
              onClick={onDownload}
              aria-label={`Download ${title} as CSV`}
            >
              CSV
            </button>
          )}
        </div>
        {unit !== undefined && <p>{unit}</p>}
      </div>
      <div className="plot">{children}</div>
      <div className="readout">{readout}</div>
    </section>
  )
}
