import type { Command } from 'commander'
import { wholeNumber } from '../verb.ts'

/** What a search takes on the command line. */
export interface SearchOptions {
  readonly filter?: string
  readonly orderBy?: string
  readonly limit: string
  readonly after?: string
  readonly deleted?: boolean
}

/** Adds the options of a search. */
export function addSearch(command: Command): Command {
  return command
    .option('--filter <filter>', 'comparisons joined by AND, as MLflow has them')
    .option('--order-by <keys>', 'keys with commas between them, each with ASC or DESC')
    .option('--limit <n>', 'at most so many, up to 1000', '20')
    .option('--after <place>', 'go on where the page before ended')
    .option('--deleted', 'those that were deleted')
}

/** The search as an operation takes it. */
export function queryOf({ filter, orderBy, limit, after, deleted }: SearchOptions): Record<string, unknown> {
  return {
    ...{ filter, order_by: orderBy, limit: wholeNumber(limit, '--limit'), cursor: after },
    ...(deleted === true ? { view: 'deleted' } : {}),
  }
}
