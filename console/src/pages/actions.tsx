import type { ReactNode } from 'react'
import type { ModelHealth } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { Panel } from '../components/panel.tsx'

interface Action {
  readonly name: string
  readonly effect: string
  readonly line: string
}

/** What can be done about what is shown: what will happen, and the command line that does it. */
export function Actions({ health, candidates }: { health: ModelHealth; candidates: number }): ReactNode {
  return (
    <Panel title="Actions" note="this page only reads: each command line does it">
      <div className="body">
        <ul className="actions">
          {actionsOf(health, candidates).map(({ name, effect, line }) => (
            <li key={name}>
              <strong>{name}</strong>
              <p>{effect}</p>
              <Command line={line} />
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  )
}

/** The actions that make sense in the state shown, the urgent ones first. */
export function actionsOf({ model, version, releases, alerts }: ModelHealth, candidates: number): readonly Action[] {
  const actions: Action[] = []
  const before = versionBefore(releases, version)
  if (version !== undefined && before !== undefined) {
    actions.push({
      name: 'Roll back',
      effect: `v${before} serves again in place of v${version}, within seconds and for all requests. v${version} is kept, and the change is recorded with your reason.`,
      line: commands.rollback(model),
    })
  }
  const open = alerts.find(({ resolvedAt, acknowledgedBy }) => resolvedAt === undefined && acknowledgedBy === undefined)
  if (open !== undefined) {
    actions.push({
      name: 'Acknowledge',
      effect: `Says that somebody looks at “${open.title}”. It stays open until its cause is gone.`,
      line: commands.acknowledge(open.id),
    })
  }
  if (candidates > 0) {
    const waiting = candidates === 1 ? '1 candidate waits' : `${candidates} candidates wait`
    actions.push({
      name: 'Approve',
      effect: `${waiting} for a decision by somebody other than the author. Approval alone does not change what serves.`,
      line: commands.approve(model, 'VERSION'),
    })
    actions.push({
      name: 'Promote',
      effect: 'An approved version serves all requests from then on; the one before stays ready for a rollback.',
      line: commands.promote(model, 'VERSION'),
    })
  }
  actions.push({
    name: 'Train',
    effect:
      'Builds a training set as of now, trains, evaluates and registers a candidate. What serves does not change.',
    line: commands.train(model),
  })
  actions.push({
    name: 'Audit parity',
    effect: 'Recomputes served features from the log and compares them bit by bit. Nothing is changed.',
    line: commands.audit(),
  })
  return actions
}

/** The version that served before the one that serves. */
function versionBefore(releases: ModelHealth['releases'], version: number | undefined): number | undefined {
  return [...releases].sort((a, b) => b.at - a.at).find((release) => release.version !== version)?.version
}
