import type { ReactNode } from 'react'
import type { ScoreExplanation, TraceAnswer } from '../../../src/platform/api/contract.ts'
import { useTrace } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { formatFact } from '../format/fact.ts'
import { formatScore, formatSigned } from '../format/number.ts'

type Moved = ScoreExplanation['contributions'][number] & {
  readonly value: TraceAnswer['features'][number]['value']
  readonly status: TraceAnswer['features'][number]['status']
}

const units: Readonly<Record<ScoreExplanation['unit'], string>> = {
  log_odds: 'log-odds',
  score: 'the unit of the score',
  log_score: 'logarithms of the score',
  margin: "the model's own unit",
}

/** What each input moved the score of a prediction by, the most important first. */
export function ExplanationPanel({ prediction }: { prediction: string }): ReactNode {
  const { data, error } = useTrace(prediction)
  if (error !== null) return <Problem error={error} />
  if (data === undefined) return null
  const { explanation, adverse = [] } = data
  const isExplained = !('error' in explanation)
  return (
    <Panel
      title="What moved the score"
      note={
        isExplained
          ? `${explanation.class === undefined ? '' : `of the class ${explanation.class}: `}from ${formatScore(explanation.base)}, what is expected of any row, to ${formatScore(explanation.margin)}, in ${units[explanation.unit]}`
          : undefined
      }
    >
      {adverse.length > 0 && (
        <div className="body">
          {`Reasons of ${data.prediction.decision}: ${adverse.map(({ feature, text }) => text ?? feature).join('; ')}.`}
        </div>
      )}
      <DataTable
        caption={`What moved the score of ${prediction}`}
        columns={columns}
        rows={isExplained ? rowsOf(explanation, data) : []}
        idOf={({ feature }) => feature}
        empty={isExplained ? 'The model has no inputs.' : `${explanation.error} ${explanation.remedy}`}
      />
      <div className="foot">
        The same on the command line:
        <Command line={commands.explain(prediction)} />
      </div>
    </Panel>
  )
}

function rowsOf({ contributions }: ScoreExplanation, { features }: TraceAnswer): readonly Moved[] {
  const readings = new Map(features.map(({ name, value, status }) => [name, { value, status }]))
  return contributions.map((one) => ({ ...one, ...(readings.get(one.feature) ?? { value: null, status: 'null' }) }))
}

const columns: readonly Column<Moved>[] = [
  {
    id: 'feature',
    header: 'Input',
    meta: { look: 'wide' },
    cell: ({ row: { original } }) => breakable(original.feature),
  },
  {
    id: 'value',
    header: 'Value',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => (original.value === null ? original.status : formatFact(original.value)),
  },
  {
    id: 'contribution',
    header: 'Moved it by',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => formatSigned(original.contribution, 4),
  },
]
