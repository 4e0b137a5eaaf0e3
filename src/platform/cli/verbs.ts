import type { Verb } from './verb.ts'
import { alerts } from './verbs/alerts.ts'
import { artifacts } from './verbs/artifacts.ts'
import { attest } from './verbs/attest.ts'
import { audit } from './verbs/audit.ts'
import { capacity } from './verbs/capacity.ts'
import { card } from './verbs/card.ts'
import { contract } from './verbs/contract.ts'
import { dataset } from './verbs/dataset.ts'
import { deadLetters } from './verbs/dead-letters.ts'
import { decisions } from './verbs/decisions.ts'
import { definitionVerbs } from './verbs/definitions.ts'
import { demo } from './verbs/demo.ts'
import { doctor } from './verbs/doctor.ts'
import { evaluate } from './verbs/evaluate.ts'
import { experiments } from './verbs/experiments.ts'
import { features } from './verbs/features.ts'
import { ingest } from './verbs/ingest.ts'
import { init } from './verbs/init.ts'
import { lake } from './verbs/lake.ts'
import { lineage } from './verbs/lineage.ts'
import { loadTest } from './verbs/load-test.ts'
import { modelVerbs } from './verbs/models.ts'
import { packageVerb } from './verbs/package.ts'
import { predict } from './verbs/predict.ts'
import { predictions } from './verbs/predictions.ts'
import { quality } from './verbs/quality.ts'
import { readiness } from './verbs/readiness.ts'
import { rebuild } from './verbs/rebuild.ts'
import { retraining } from './verbs/retraining.ts'
import { runbook } from './verbs/runbook.ts'
import { runs } from './verbs/runs.ts'
import { score } from './verbs/score.ts'
import { simulate } from './verbs/simulate.ts'
import { simulations } from './verbs/simulations.ts'
import { slo } from './verbs/slo.ts'
import { sources } from './verbs/sources.ts'
import { stream } from './verbs/stream.ts'
import { test } from './verbs/test.ts'
import { truthVerbs } from './verbs/truth.ts'
import { up } from './verbs/up.ts'
import { watchVerbs } from './verbs/watch.ts'

/** Verbs under the headings of --help, in the order of the work. */
export const verbGroups: readonly { readonly title: string; readonly verbs: readonly Verb[] }[] = [
  { title: 'Begin:', verbs: [init, doctor, up, demo] },
  { title: 'Definitions:', verbs: [...definitionVerbs, test] },
  { title: 'Data and features:', verbs: [ingest, sources, lake, features, quality, deadLetters] },
  {
    title: 'Models, from rows to what serves:',
    verbs: [dataset, ...modelVerbs, evaluate, rebuild, retraining, simulate, simulations, experiments, runs],
  },
  { title: 'Predictions:', verbs: [predict, score, stream, ...truthVerbs, predictions, decisions] },
  { title: 'Watching:', verbs: [...watchVerbs, alerts, slo, runbook] },
  {
    title: 'Production and governance:',
    verbs: [card, readiness, contract, packageVerb, attest, loadTest, capacity, lineage, audit, artifacts],
  },
]

/** Every verb, in the order in which --help lists them. */
export const verbs: readonly Verb[] = verbGroups.flatMap((group) => group.verbs)
