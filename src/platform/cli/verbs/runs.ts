import type { Command } from 'commander'
import type { Verb } from '../verb.ts'
import { addRunTables } from './run-tables.ts'

/** `runs`: trainings and what others logged, as tables. */
export const runs: Verb = (program: Command) => {
  const group = program.command('runs').description('runs of experiments: trainings, and what others logged')
  addRunTables(group)
}
