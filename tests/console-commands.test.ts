import { expect, test } from 'vitest'
import { commands } from '../console/src/commands.ts'
import { commandCalled } from './command-lines.ts'

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
  alerts: commands.alerts(),
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
} satisfies Record<keyof typeof commands, string>

test('every command line that the console shows is one that the CLI takes', async () => {
  for (const line of Object.values(lines)) expect(await commandCalled(line), line).toBeDefined()
})
