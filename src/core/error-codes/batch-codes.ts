import type { ErrorMeaning } from './error-code.ts'

/** Of scoring in batches. */
export const batchCodes = {
  unknown_batch: {
    what: 'No batch of the project has this name, or no run this id.',
    status: 404,
    remedy: 'See `trueline score --runs` for the runs, and the project file for its batches.',
  },
  mode_not_served: {
    what: 'The model is not meant to be served in this way.',
    status: 409,
    remedy: 'Name the mode in the model: serve: { modes: [...] }, and train a version that has it.',
  },
  batch_under_way: {
    what: 'A run of the batch is under way, and there is never a second one beside it.',
    status: 409,
    remedy: 'Wait until it has ended, or cancel it: `trueline score --cancel NAME`.',
  },
  batch_cancelled: {
    what: 'Somebody cancelled the run.',
    status: 409,
    remedy: 'Start another run when it is wanted again.',
  },
  batch_failed: {
    what: 'A process that scores a population ended without a word.',
    status: 500,
    remedy: 'Run it again: it goes on where it stopped. Its last words are in the error.',
  },
  destination_mismatch: {
    what: 'The table that scores are to be written to has other columns than they have.',
    status: 409,
    remedy: 'Name another table, or drop this one.',
  },
  destination_unavailable: {
    what: 'A database, or the folder of a file, does not take the scores.',
    status: 503,
    remedy:
      'Look after the database or the folder, and the rights to it, then run the batch again: it goes on where it stopped.',
  },
} as const satisfies Record<string, ErrorMeaning>
