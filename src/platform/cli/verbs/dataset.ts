import type { Command } from 'commander'
import type { Verb } from '../verb.ts'
import { addDatasetBuild } from './dataset-build.ts'
import { addDatasetCheck } from './dataset-check.ts'

/** `dataset`: the rows that models learn from. */
export const dataset: Verb = (program: Command) => {
  const group = program.command('dataset').description('the rows that models learn from')
  addDatasetBuild(group)
  addDatasetCheck(group)
}
