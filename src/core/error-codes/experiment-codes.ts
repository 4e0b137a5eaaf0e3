import type { ErrorMeaning } from './error-code.ts'

/** Of experiments and their runs. */
export const experimentCodes = {
  unknown_experiment: {
    what: 'There is no experiment of that id or name.',
    status: 404,
    remedy: 'Use an experiment that `trueline experiments list` lists, or with --deleted one that was deleted.',
  },
  experiment_exists: {
    what: 'An experiment has that name; one that was deleted keeps its name too.',
    status: 409,
    remedy: 'Use another name, or restore the deleted experiment.',
  },
  unknown_logged_model: {
    what: 'There is no logged model of that id.',
    status: 404,
    remedy: 'Use the id of a model that a run has logged: m- and 32 hexadecimal digits.',
  },
  unknown_tag: {
    what: 'There is no tag of that name.',
    status: 404,
    remedy: 'Use the name of a tag that is there.',
  },
  not_active: {
    what: 'The experiment or run was deleted, so nothing can be written to it.',
    status: 400,
    remedy: 'Restore it first.',
  },
  parameter_changed: {
    what: 'A parameter was logged before with another value.',
    status: 400,
    remedy: 'Start a run of its own for each value; the same value may be logged again.',
  },
  run_recorded: {
    what: 'The run is a training of the platform: others can neither write what it records of it, nor delete it or its experiment.',
    status: 409,
    remedy: 'Set tags on it, or log into a run of your own.',
  },
  invalid_filter: {
    what: 'A filter or an order is not written as one.',
    status: 400,
    remedy: "Write a filter such as metrics.auc > 0.8 AND params.depth = '6', and an order such as metrics.auc DESC.",
  },
} as const satisfies Record<string, ErrorMeaning>
