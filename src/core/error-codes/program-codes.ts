import type { ErrorMeaning } from './error-code.ts'

/** Of programs that train models. */
export const programCodes = {
  program_missing: {
    what: 'The program of a trainer is not there, or cannot be started.',
    status: 400,
    remedy: 'Install it for the user that runs the platform, or name it by its path in `run` of the trainer.',
  },
  program_failed: {
    what: 'The program of a trainer ended with an error.',
    status: 400,
    remedy: 'Mend what its last words say, then train again.',
  },
  program_timeout: {
    what: 'The program of a trainer ran for longer than it may, and was ended.',
    status: 400,
    remedy: 'Make it faster, or give it more time with `limits.time` of the trainer.',
  },
  program_memory: {
    what: 'The program of a trainer, with what it started, took more memory than it may, and was ended.',
    status: 400,
    remedy: 'Let it take less, or give it more with `limits.memory` of the trainer.',
  },
  program_output_invalid: {
    what: 'The program of a trainer ended well, but what it left is not what it was asked for.',
    status: 400,
    remedy: 'Let it write one file `model.*` and, if it likes, `metrics.json` into the folder that its job names.',
  },
} as const satisfies Record<string, ErrorMeaning>
