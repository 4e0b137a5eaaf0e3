import type { ReactNode } from 'react'
import type { ModelHealth, ModelVersion } from '../../../src/platform/api/contract.ts'
import { useVersions } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { type Action, ActionList } from '../components/action-list.tsx'
import { Panel } from '../components/panel.tsx'

/** As many as the table of versions reads first, so that both share one reading. */
const VERSIONS = 10
const none: readonly ModelVersion[] = []

/** What can be done about what is shown: what will happen, and the command line that does it. */
export function Actions({ health, poll }: { health: ModelHealth; poll: number }): ReactNode {
  const { data } = useVersions(health.model, VERSIONS, 0, poll)
  return (
    <Panel title="Actions" note="this page only reads: each command line does it">
      <div className="body">
        <ActionList actions={actionsOf(health, data?.versions ?? none)} />
      </div>
    </Panel>
  )
}

/** The actions that make sense in the state shown, the urgent ones first. */
export function actionsOf(
  { model, version, releases, alerts }: ModelHealth,
  versions: readonly ModelVersion[],
): readonly Action[] {
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
  const candidate = versions.find(({ standing }) => standing === 'candidate')
  if (candidate !== undefined) {
    actions.push({
      name: 'Approve',
      effect: `v${candidate.version} by ${candidate.author} waits for a decision by somebody else. Approval alone does not change what serves.`,
      line: commands.approve(model, candidate.version),
    })
  }
  const approved = versions.find((listed) => listed.state === 'approved' && listed.version > (version ?? 0))
  if (approved !== undefined) {
    actions.push({
      name: 'Promote',
      effect: `v${approved.version} is approved, and would serve all requests from then on; the version before stays ready for a rollback.`,
      line: commands.promote(model, approved.version),
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
