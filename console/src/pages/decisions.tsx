import { type ReactNode, useEffect, useState } from 'react'
import type { Fleet, HandRuleAnswer, ModelCard } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { CardPanel } from './card-panel.tsx'
import { OverrideTable } from './override-table.tsx'
import { RULES, RuleTable, rulesAsked } from './rule-table.tsx'

interface DecisionsPageProps {
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** What people decide in the place of models, and what each model decides by itself and why. */
export function DecisionsPage({ fleet, zone, query }: DecisionsPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const models = fleet?.models.map(({ name }) => name) ?? []
  const { data } = useReading<readonly HandRuleAnswer[]>('api/v1/decisions', rulesAsked(undefined, false, 0), poll)
  useEffect(() => {
    document.title = 'Decisions · Trueline'
  }, [])
  return (
    <>
      <Opening sentence={sentenceOf(data)} />
      <RuleTable models={models} zone={zone} query={query} poll={poll} />
      <OverrideTable model={query.get('model') ?? undefined} zone={zone} query={query} poll={poll} />
      {models.length > 0 && <Card models={models} asked={query.get('model') ?? undefined} />}
    </>
  )
}

/** How much people decide in the place of models, in plain words. */
function sentenceOf(rules: readonly HandRuleAnswer[] | undefined): string {
  if (rules === undefined) return 'What people decide in the place of models.'
  if (rules.length === 0) return 'No rule by hand is in force: the models decide by themselves.'
  const many =
    rules.length > RULES ? `More than ${RULES} rules` : rules.length === 1 ? 'One rule' : `${rules.length} rules`
  const of = new Set(rules.map(({ model }) => model))
  return `${many} by hand ${rules.length === 1 ? 'is' : 'are'} in force${of.size === 1 ? `, of ${[...of].join()}` : ''}.`
}

/** The card of a model: how its score becomes a decision, with the codes of the reasons that an answer may give. */
function Card({ models, asked }: { models: readonly string[]; asked: string | undefined }): ReactNode {
  const [chosen, setChosen] = useState(models[0] ?? '')
  const model = asked ?? chosen
  const { data, error } = useReading<ModelCard>(`api/v1/models/${encodeURIComponent(model)}/card`, {}, false)
  const foot = (
    <div className="foot">
      {asked === undefined && models.length > 1 && (
        <label className="choice">
          Model{' '}
          <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
            {models.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <Command line={commands.card(model)} />
    </div>
  )
  if (data === undefined)
    return (
      <Panel title="Card">
        <div className="body">{error === null ? 'Reading the card …' : <Problem error={error} />}</div>
        {foot}
      </Panel>
    )
  return (
    <CardPanel card={data} note={`of ${data.model}: how its score becomes a decision`}>
      {foot}
    </CardPanel>
  )
}
