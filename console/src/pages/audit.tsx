import { type ReactNode, useEffect } from 'react'
import type { ActPage, Fleet } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { Empty } from '../components/empty.tsx'
import { askedOf, FilterForm } from '../components/filter-form.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { ActTable } from './act-table.tsx'

const fields = [
  { name: 'search', label: 'Find', placeholder: 'rollback' },
  { name: 'by', label: 'By', placeholder: 'ada' },
  { name: 'target', label: 'To what', placeholder: 'late_flight/3' },
  { name: 'from', label: 'From', kind: 'time' },
  { name: 'to', label: 'Before', kind: 'time' },
] as const

interface AuditPageProps {
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** The audit log: who did what, when and why. */
export function AuditPage({ fleet, zone, query }: AuditPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const { data, error } = useReading<ActPage>('api/v1/acts', { limit: 1 }, poll)
  useEffect(() => {
    document.title = 'Audit log · Trueline'
  }, [])
  const { asked, filter } = askedOf(
    query,
    fields.map(({ name }) => name),
  )
  return (
    <>
      <Opening sentence={error === null ? sentenceOf(data, zone) : 'The audit log cannot be read.'} />
      <Panel title="Acts" note="of people and of the platform, newest first; no entry can be changed or taken away">
        <FilterForm fields={fields} zone={zone} query={query} />
        <ActTable
          caption="Acts of people and of the platform, newest first"
          filter={filter}
          query={query}
          empty={
            Object.keys(asked).length > 0 ? (
              <Empty>No such act. Find looks into what was done, to what, why and by whom.</Empty>
            ) : (
              <Empty line={commands.up()}>
                Here would be who approved, promoted, rolled back, reset or acknowledged what, when and why. The first
                act is that the definitions of a project are applied:
              </Empty>
            )
          }
          line={commands.acts(asked)}
          zone={zone}
          poll={poll}
        >
          Whether it is what was written:
          <Command line={commands.verifyActs()} />
        </ActTable>
      </Panel>
    </>
  )
}

function sentenceOf(data: ActPage | undefined, zone: string): string {
  if (data === undefined) return 'Reading the audit log …'
  const [last] = data.acts
  if (last === undefined) return 'Nothing was done yet that the audit log keeps.'
  // Entries are numbered without gaps.
  const many = last.sequence === 1 ? 'One act is' : `${formatCount(last.sequence)} acts are`
  return `${many} in the audit log. The last: ${last.by} did ${last.action} to ${last.target}, ${formatTime(last.at, zone)}.`
}
