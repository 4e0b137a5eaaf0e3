import { expect, test } from 'vitest'
import { commands } from '../console/src/commands.ts'
import { judgeRequirements } from '../src/operate/readiness/requirements.ts'
import { commandCalled, program } from './command-lines.ts'

/** Each command line that the console shows, with a name, a version or a row in each place for one. */
const lines = {
  demo: commands.demo(),
  up: commands.up(),
  apply: commands.apply(),
  ingest: commands.ingest(),
  deadLetters: commands.deadLetters('arrivals', 'wrong_type'),
  showDeadLetter: commands.showDeadLetter(12),
  fixDeadLetter: commands.fixDeadLetter(12, ['amount = number(amount)'], ['amt']),
  fixDeadLetters: commands.fixDeadLetters('arrivals', 'wrong_type', ['amount = number(amount)'], []),
  fixByHand: commands.fixByHand(12),
  replayDeadLetter: commands.replayDeadLetter(12),
  discardDeadLetter: commands.discardDeadLetter(12),
  profileStream: commands.profileStream('arrivals'),
  suggestChecks: commands.suggestChecks('arrivals'),
  showVerdict: commands.showVerdict('verdict-1'),
  slo: commands.slo('late_flight'),
  audit: commands.audit(),
  features: commands.features('mean delay'),
  showFeature: commands.showFeature('delays.mean_1h'),
  alerts: commands.alerts({ state: 'resolved', about: 'stream/arrivals', from: '2001-02-01T12:00:00Z' }),
  showAlert: commands.showAlert('alert-1'),
  acts: commands.acts({ target: 'late_flight/3', search: 'rolled back', by: 'ada', to: '2001-02-01T12:00:00Z' }),
  verifyActs: commands.verifyActs(),
  sources: commands.sources(),
  sourceRuns: commands.sourceRuns('flights'),
  sourceColumns: commands.sourceColumns('flights'),
  runSource: commands.runSource('flights'),
  backfillSource: commands.backfillSource('flights', '2001-01-01', '2001-01-08'),
  resetSource: commands.resetSource('flights'),
  acceptSource: commands.acceptSource('flights'),
  predictions: commands.predictions({ model: 'late_flight', version: '3', entity: 'flight=UA 1102' }),
  showPrediction: commands.showPrediction('pm4g-3'),
  runbook: commands.runbook('data_drift'),
  acknowledge: commands.acknowledge('alert-1'),
  explain: commands.explain('p4gm-3'),
  train: commands.train('late_flight'),
  approve: commands.approve('late_flight', 8),
  promote: commands.promote('late_flight', 8),
  rollback: commands.rollback('late_flight'),
  predict: commands.predict('late_flight'),
  lineage: commands.lineage('external_dataset:file /a.csv'),
  runs: commands.runs('metrics.auc > 0.7', 'metrics.auc DESC'),
  runLog: commands.runLog('run-12'),
  compareRuns: commands.compareRuns(['run-1', 'run-2']),
  monitor: commands.monitor('late_flight'),
  reject: commands.reject('late_flight', 8),
  retraining: commands.retraining(),
  retrainingHistory: commands.retrainingHistory('late_flight', true),
  retrain: commands.retrain('late_flight'),
  simulations: commands.simulations(),
  showSimulation: commands.showSimulation(3),
  simulate: commands.simulate('late_flight'),
  registeredModels: commands.registeredModels('name ILIKE "late%"'),
  showVersion: commands.showVersion('late flight', 8),
  importVersion: commands.importVersion('late_flight', 8),
  served: commands.served('late_flight', '2001-02-01T12:00:00Z'),
  aliasHistory: commands.aliasHistory('late_flight', 'challenger'),
  batches: commands.batches(),
  batchRuns: commands.batchRuns(),
  runBatch: commands.runBatch('nightly'),
  cancelBatch: commands.cancelBatch('nightly'),
  scoreFile: commands.scoreFile('late_flight'),
  streams: commands.streams(),
  pauseStream: commands.pauseStream('late_flight'),
  resumeStream: commands.resumeStream('late_flight'),
  slos: commands.slos(),
  loadTests: commands.loadTests(),
  loadTest: commands.loadTest('late_flight'),
  loadTestAgain: commands.loadTestAgain('late_flight', [100, 400], {
    ...{ seconds: 8, rowsPerRequest: 2, connections: 8, arrivals: 'constant', rows: 'file' },
  }),
  capacity: commands.capacity('late_flight', 500),
  decisions: commands.decisions(true),
  decide: commands.decide('late_flight'),
  revoke: commands.revoke(3),
  overrides: commands.overrides('pm4g-3'),
  override: commands.override('pm4g-3'),
  trace: commands.trace('pm4g-3'),
  card: commands.card('late_flight'),
  readiness: commands.readiness('late_flight'),
} satisfies Record<keyof typeof commands, string>

test('every command line that the console shows is one that the CLI takes', async () => {
  for (const line of Object.values(lines)) expect(await commandCalled(line), line).toBeDefined()
})

test('where a command must be told who does it, the console shows that, too', () => {
  const asPerson = program([]).commands.filter((command) => command.description().includes('(--as NAME)'))
  expect(asPerson.map((command) => command.name())).toEqual(['approve', 'reject', 'retire'])
  const spoken = (line: string): boolean => asPerson.some((command) => line.startsWith(`trueline ${command.name()} `))
  const shown = Object.values(lines).filter(spoken)
  expect(shown).toHaveLength(2)
  for (const line of shown) expect(line).toContain(' --as ')
})

test('so is every command that would show a requirement of production', async () => {
  const bare = {
    ...{
      model: 'late_flight',
      version: 3,
      stream: 'departures',
      hasObjective: false,
      hasDataset: true,
      isSigned: false,
      drills: [],
      runbooks: 27,
    },
    artifacts: { count: 5, faults: ['scorer is missing'] },
    retraining: { hasTriggers: true },
    approvals: { needed: 1, given: 0 },
    explanation: { isOwed: false, isThere: false },
    alerts: { leave: true },
  }
  const gate = { verdict: 'pass', sentence: '' } as const
  const some = { ...bare, gate, packed: { at: 0, by: 'ann' } }
  const judged = [bare, some].flatMap((facts) => judgeRequirements(facts, 0))
  const shown = judged.map(({ command }) => command)
  expect(new Set(shown).size).toBe(14)
  for (const line of shown) expect(await commandCalled(line ?? ''), line).toBeDefined()
  // Where a sentence names one, the console has to find it: it may be called otherwise there.
  for (const { remedy = '', command = '' } of judged)
    expect(remedy.slice(0, remedy.length - command.length)).not.toMatch(/(?<!`)trueline [a-z]/)
})
