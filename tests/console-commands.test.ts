import { Command } from 'commander'
import { expect, test } from 'vitest'
import { commands } from '../console/src/commands.ts'
import { verbs } from '../src/platform/cli/verbs.ts'

/** Each command line that the console shows, with a name, a version or a row in each place for one. */
const lines = {
  demo: commands.demo(),
  up: commands.up(),
  apply: commands.apply(),
  ingest: commands.ingest(),
  deadLetters: commands.deadLetters(),
  audit: commands.audit(),
  alerts: commands.alerts(),
  runbook: commands.runbook('data_drift'),
  acknowledge: commands.acknowledge('alert-1'),
  train: commands.train('late_flight'),
  approve: commands.approve('late_flight', 8),
  promote: commands.promote('late_flight', 8),
  rollback: commands.rollback('late_flight'),
  predict: commands.predict('late_flight'),
  monitor: commands.monitor('late_flight'),
} satisfies Record<keyof typeof commands, string>

/** Every command, with nothing to do, telling which one was called. */
function program(called: string[]): Command {
  const root = new Command('trueline').exitOverride().configureOutput({ writeErr: () => {} })
  for (const verb of verbs) verb(root)
  const silence = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {} })
    if (command !== root) command.action(() => void called.push(command.name()))
    for (const inner of command.commands) silence(inner)
  }
  silence(root)
  return root
}

test('every command line that the console shows is one that the CLI takes', async () => {
  for (const line of Object.values(lines)) {
    const called: string[] = []
    const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
      ([, single, double, bare]) => single ?? double ?? bare ?? '',
    )
    await program(called).parseAsync(words.slice(1), { from: 'user' })
    expect(called, line).toHaveLength(1)
  }
})
