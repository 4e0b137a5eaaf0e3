import { Component, type ReactNode } from 'react'
import { Opening } from './opening.tsx'

/** Says that a page broke, in place of showing nothing at all; the bar above it stays, and another page is none the worse. */
export class BrokenPage extends Component<{ readonly children: ReactNode }, { readonly message: string | undefined }> {
  override readonly state: { readonly message: string | undefined } = { message: undefined }

  static getDerivedStateFromError(error: unknown): { readonly message: string } {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    const { message } = this.state
    if (message === undefined) return this.props.children
    return (
      <>
        <Opening sentence="This page cannot be shown: the console does not understand what the platform answered." />
        <div className="problem" role="alert">
          <p>
            Read the page again: after another release of the platform was started, the console in this window is of the
            one before. If that changes nothing, it is a defect of the console: report it with this line.
          </p>
          <p className="code">
            <code>{message}</code>
          </p>
        </div>
      </>
    )
  }
}
