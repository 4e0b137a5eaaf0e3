import type { ReactNode } from 'react'
import type { ApiError } from '../api/client.ts'
import { sentence } from './sentence.tsx'
import { Status } from './status.tsx'

/** An error as the platform says it: what happened, its code, and what to do next. */
export function Problem({ error }: { error: ApiError }): ReactNode {
  return (
    <div className="problem" role="alert">
      <p>
        <Status tone="failing">
          <span>{sentence(error.message)}</span>
        </Status>
      </p>
      <p>{sentence(error.remedy)}</p>
      <p className="code">
        <code>{error.code}</code>
        {error.path !== undefined && <> at {error.path}</>}
      </p>
    </div>
  )
}
