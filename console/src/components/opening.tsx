import type { ReactNode } from 'react'
import type { Health } from '../../../src/platform/api/contract.ts'
import { sentence as sentenceOf } from './sentence.tsx'
import { HealthStatus } from './status.tsx'

interface OpeningProps {
  readonly health?: Health | undefined
  readonly sentence: string
  /** Facts below the sentence, each a name and what it is. */
  readonly facts?: readonly (readonly [name: string, value: ReactNode])[]
}

/** The sentence in plain words that opens a page. */
export function Opening({ health, sentence, facts = [] }: OpeningProps): ReactNode {
  return (
    <div className="opening">
      <h1>
        {health !== undefined && <HealthStatus health={health} />}
        {sentenceOf(sentence)}
      </h1>
      {facts.length > 0 && (
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}
