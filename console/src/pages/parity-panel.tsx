import type { ReactNode } from 'react'
import type { Fleet } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { featureLink, featuresLink } from '../route.ts'

const MOST_DIFFERING = 5

interface ParityPanelProps {
  readonly parity: Fleet['parity']
  readonly zone: string
  readonly query: URLSearchParams
}

/** Whether the features that were served are those that training would compute, to the bit. */
export function ParityPanel({ parity, zone, query }: ParityPanelProps): ReactNode {
  const { checked, mismatches, unverifiable, at, differing = [] } = parity
  return (
    <Panel title="Training and serving">
      <div className="body">
        {checked + unverifiable === 0 ? (
          <Empty line={commands.audit()}>
            Here would be how many served predictions were recomputed from the log, and how many differed by a bit. The
            audit runs by itself, and on this command:
          </Empty>
        ) : (
          <>
            <dl className="figures">
              <dt>Predictions recomputed</dt>
              <dd>{formatCount(checked)}</dd>
              <dt>Different by a bit or more</dt>
              <dd>
                <Status tone={mismatches === 0 ? 'ok' : 'failing'}>
                  {mismatches === 0 ? 'none' : formatCount(mismatches)}
                </Status>
              </dd>
              <dt>Not verifiable</dt>
              <dd>{formatCount(unverifiable)}</dd>
              <dt>Last audit</dt>
              <dd>{at === undefined ? 'under way' : formatTime(at, zone)}</dd>
            </dl>
            {differing.length > 0 && (
              <ul className="differing">
                {differing
                  .slice(0, MOST_DIFFERING)
                  .map(({ model, feature, mismatches: some, checked: all, causes }) => (
                    <li key={`${model} ${feature}`}>
                      <a href={featureLink(feature, query)}>{breakable(feature)}</a> in {model}: {formatCount(some)} of{' '}
                      {formatCount(all)} within a day; cause: {Object.keys(causes).join(', ') || 'not looked into'}
                    </li>
                  ))}
              </ul>
            )}
            <Command line={commands.audit()} />
          </>
        )}
      </div>
      <div className="foot">
        <p>
          <a href={featuresLink(query)}>Catalogue of features</a>: what each means, who reads it, and whether it held.
        </p>
      </div>
    </Panel>
  )
}
