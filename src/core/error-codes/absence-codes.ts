import type { ErrorMeaning } from './error-code.ts'

/** Of things that are not there. */
export const absenceCodes = {
  unknown_dead_letter: {
    what: 'There is no dead letter with this number.',
    status: 404,
    remedy: 'Use a number that `trueline deadletters` lists.',
  },
  dead_letter_settled: {
    what: 'The dead letter was fixed, replayed or discarded before.',
    status: 409,
    remedy: 'Nothing more is to be done; `trueline deadletters show LETTER` says what became of it.',
  },
  dead_letter_incomplete: {
    what: 'Part of the dead letter was never kept, because it is sensitive or very long, so it cannot be tried again as it is stored.',
    status: 409,
    remedy: 'Give the whole row by hand with --row, as its producer has it, or discard the letter with a reason.',
  },
  dead_letter_not_a_row: {
    what: 'The dead letter is about an event that was accepted: there is no row to try again.',
    status: 409,
    remedy: 'Mend its producer, then discard the letter with a reason.',
  },
  unknown_hand_rule: {
    what: 'There is no rule by hand with this number.',
    status: 404,
    remedy: 'Use a number that `trueline decisions` lists.',
  },
  hand_rule_ended: {
    what: 'The rule by hand was revoked before.',
    status: 409,
    remedy: 'Nothing more is to be done; `trueline decisions --all` says who revoked it, and why.',
  },
  unknown_verdict: {
    what: 'There is no verdict with this number.',
    status: 404,
    remedy: 'Use a number that `trueline quality` lists.',
  },
  unknown_stream: {
    what: 'The project has no stream of that name.',
    status: 404,
    remedy: 'Use the name of a stream of the project; `trueline status` lists them.',
  },
  unknown_entity: {
    what: 'The project has no entity of that name.',
    status: 404,
    remedy: 'Use the name of an entity of the project.',
  },
  unknown_feature: {
    what: 'The project has no feature or group of features of that name.',
    status: 404,
    remedy: 'Use the name of a feature of the project; `trueline features` lists them.',
  },
  unknown_model: {
    what: 'The project has no model of that name.',
    status: 404,
    remedy:
      'Use the name of a model of the project; a model is part of it when the project file exports it: `export const NAME = model(...)`.',
  },
  unknown_version: {
    what: 'The model has no such version.',
    status: 404,
    remedy: 'Use a version of the model; `trueline models` lists them.',
  },
  unknown_prediction: {
    what: 'No prediction was logged under that id.',
    status: 404,
    remedy: 'Use the prediction_id of an answer; predictions past their retention are gone.',
  },
  prediction_not_logged: {
    what: 'The prediction was answered and not logged: it is not of the sample, or the disk was too slow, or full.',
    status: 404,
    remedy: 'Log all predictions of the model, or wait for the disk: `log` of `serve` says which are logged.',
  },
  prediction_of_batch: {
    what: 'The id is that of a row that a batch scored. Its score is in the output of the run, and not in the log of predictions.',
    status: 404,
    remedy: 'Look the row up in the output; `trueline score --runs` lists runs with their version, moment and output.',
  },
  prediction_removed: {
    what: 'The prediction was logged, and has been removed since.',
    status: 410,
    remedy: 'Keep predictions longer, or give them more disk, with `log: { retain, disk }` of the model.',
  },
  unknown_run: {
    what: 'There is no run of that id.',
    status: 404,
    remedy: 'Use the id of a run that `trueline runs list` shows.',
  },
  unknown_artifact: {
    what: 'No artifact is kept under the path.',
    status: 404,
    remedy: 'List the folder to see what it holds; paths are names between slashes, and case counts.',
  },
  unknown_load_test: {
    what: 'There is no load test with this number.',
    status: 404,
    remedy: 'Use a number that `trueline loadtest --runs` lists.',
  },
  unknown_simulation: {
    what: 'There is no comparison of policies with this number.',
    status: 404,
    remedy: 'Use a number that `trueline simulations` lists.',
  },
  no_load_evidence: {
    what: 'No load test of the version that serves says what one replica can do.',
    status: 409,
    remedy: 'Measure it: `trueline loadtest MODEL --find`.',
  },
  no_rows_to_ask: {
    what: 'The stream that asks a model has no rows that a load could be made of.',
    status: 409,
    remedy: 'Name a file of rows: `trueline loadtest MODEL --rows FILE.jsonl`.',
  },
  unknown_alert: {
    what: 'There is no alert of that id.',
    status: 404,
    remedy: 'Use the id of an alert; `trueline alerts` lists them.',
  },
  unknown_source: {
    what: 'The project has no source of that name.',
    status: 404,
    remedy: 'Use the name of a source; `trueline sources` lists them.',
  },
  no_model_serving: {
    what: 'No version of the model serves: none was promoted yet, or the one that was cannot serve.',
    status: 503,
    remedy: 'Approve and promote a version: `trueline models`, then `trueline promote`.',
  },
  not_found: {
    what: 'The server has no such route.',
    status: 404,
    remedy: 'Check the address; /openapi.json lists the routes.',
  },
} as const satisfies Record<string, ErrorMeaning>
