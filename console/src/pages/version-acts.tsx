import type { ReactNode } from 'react'
import { commands } from '../commands.ts'
import { Panel } from '../components/panel.tsx'
import { ActTable } from './act-table.tsx'

interface VersionActsProps {
  readonly model: string
  readonly version: number
  readonly zone: string
  readonly poll: number
}

/** What the audit log has of a version, newest first. */
export function VersionActs({ model, version, zone, poll }: VersionActsProps): ReactNode {
  const target = `${model}/${version}`
  return (
    <Panel title="Audit log" note="who did what with it, newest first">
      <ActTable
        caption={`Acts on ${model} v${version}, newest first`}
        filter={{ target }}
        empty="Nothing was done with it yet."
        line={commands.acts({ target })}
        zone={zone}
        poll={poll}
      />
    </Panel>
  )
}
