import type { ReactNode } from 'react'
import type { Fleet } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'

/** Whether the features that were served are those that training would compute, to the bit. */
export function ParityPanel({ parity, zone }: { parity: Fleet['parity']; zone: string }): ReactNode {
  const { checked, mismatches, unverifiable, at } = parity
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
            <Command line={commands.audit()} />
          </>
        )}
      </div>
    </Panel>
  )
}
