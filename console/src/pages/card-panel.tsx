import type { ReactNode } from 'react'
import type { ModelCard } from '../../../src/platform/api/contract.ts'
import { Panel } from '../components/panel.tsx'
import { sentence } from '../components/sentence.tsx'

interface CardPanelProps {
  readonly card: Omit<ModelCard, 'rulesByHand'>
  readonly note?: ReactNode
  readonly children?: ReactNode
}

/** What a model is for, how its score becomes a decision, and what is decided at the edges of what it knows. */
export function CardPanel({ card, note, children }: CardPanelProps): ReactNode {
  const { owner, intendedUse, limits, escalation, sections } = card
  const said = { Owner: owner, 'Intended use': intendedUse, Limits: limits, Escalation: escalation }
  return (
    <Panel title="Card" note={note}>
      <div className="body">
        <dl className="said">
          {Object.entries(said).map(
            ([name, text]) =>
              text !== undefined && (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{sentence(text)}</dd>
                </div>
              ),
          )}
          {sections.map(({ title, lines }) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>
                <ul>
                  {lines.map((line) => (
                    <li key={line}>{sentence(line)}</li>
                  ))}
                </ul>
              </dd>
            </div>
          ))}
        </dl>
      </div>
      {children}
    </Panel>
  )
}
