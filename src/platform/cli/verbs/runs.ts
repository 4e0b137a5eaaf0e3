import type { Command } from 'commander'
import type { Verb } from '../verb.ts'
import { addRunControls } from './run-controls.ts'
import { addRunTables } from './run-tables.ts'

/** `runs`: trainings and what others logged, and what trainings did. */
export const runs: Verb = (program: Command) => {
  const group = program
    .command('runs')
    .description('runs of experiments as tables; the steps and logs of trainings, and the end of one that goes on')
  addRunTables(group)
  addRunControls(group)
}
