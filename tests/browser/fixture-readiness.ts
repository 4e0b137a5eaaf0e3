import { judgeRequirements, type ReadinessFacts } from '../../src/operate/readiness/requirements.ts'
import type { Fleet, FleetModel, ReadinessAnswer } from '../../src/platform/api/contract.ts'
import { DAY, HOUR } from './fixture-data.ts'

const READY = 'turnaround_minutes'
const IMAGE = `registry.example.org/operations/late-flight@sha256:${'4'.repeat(64)}`

/** The readiness of a model of the fleet, one of which is ready; undefined for an address that is none of it. */
export function readinessAnswer({ models, now }: Fleet, path: string): ReadinessAnswer | undefined {
  const [, named] = /^api\/v1\/models\/([^/]+)\/readiness$/.exec(path) ?? []
  const index = named === undefined ? -1 : models.findIndex(({ name }) => name === decodeURIComponent(named))
  const model = models[index]
  if (model === undefined) return undefined
  const facts = model.name === READY ? complete(model, now) : partial(model, now)
  const requirements = judgeRequirements(facts, now)
  const met = requirements.filter(({ state }) => state === 'pass').length
  return { model: model.name, version: facts.version, digest: `sha256:${'6'.repeat(64)}`, met, requirements }
}

/** Everything is on record, and new enough. */
function complete({ name, version }: FleetModel, now: number): ReadinessFacts {
  const at = now - 5 * HOUR
  return {
    ...{
      model: name,
      version: version ?? 1,
      stream: 'departures',
      hasObjective: true,
      hasDataset: true,
      isSigned: true,
      predictedAt: now,
      runbooks: 27,
    },
    rebuild: { at, by: 'grace', verdict: 'equal', isOurs: true },
    artifacts: { count: 9, faults: [] },
    retraining: { hasTriggers: true, last: { at, failed: false } },
    parity: { at, checked: 41_204, mismatches: 0 },
    quality: { at, verdict: 'pass' },
    gate: { verdict: 'pass', sentence: 'The AUC is .767 (.758 to .776), surely above .684 of the baseline.' },
    approvals: { needed: 1, given: 1 },
    explanation: { isOwed: true, isThere: true },
    image: { at, by: 'sre', image: IMAGE, verdict: 'ready' },
    loadTest: { number: 22, at, by: 'sre', verdict: 'pass', promises: true },
    alerts: { leave: true, acknowledged: { at, by: 'ada' } },
    rolledBack: { at, by: 'ada' },
    drills: [{ runbook: 'data_drift', at, by: 'ben', went: 'well' }],
  }
}

/** Requirements of every state, by the platform and by the word of people. */
function partial(model: FleetModel, now: number): ReadinessFacts {
  const { parity: _never, rolledBack: _neither, ...facts } = complete(model, now)
  const old = now - 44 * DAY
  return {
    ...facts,
    rebuild: { at: now - 3 * DAY, by: 'grace', verdict: 'within_tolerance', isOurs: false },
    approvals: { needed: 2, given: 1 },
    loadTest: { number: 9, at: old, by: 'sre', verdict: 'pass', promises: true },
    alerts: { leave: false },
    drills: [
      { runbook: 'data_drift', at: old, by: 'ben', went: 'well' },
      { runbook: 'error_rate', at: now - 2 * DAY, by: 'ada', went: 'badly' },
    ],
  }
}
