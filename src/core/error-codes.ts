/**
 * Every error of the platform, once: its HTTP status and what to do about it. `docs/errors.md` is generated from this
 * table, and a test holds the two together.
 *
 * `status` 4xx means that the caller or the input is at fault (the CLI exits with 1), 5xx that we are (exit 2).
 */
export const errorCodes = {
  // definitions and configuration
  config_not_found: {
    status: 400,
    remedy: 'Run the command in a folder with a trueline.config.ts, or name one with --config.',
  },
  config_invalid: { status: 400, remedy: 'Mend the file at the place named, then run the command again.' },
  definition_invalid: { status: 400, remedy: 'Mend the definition named; the guide shows each kind with an example.' },
  unknown_column: { status: 400, remedy: 'Use a column of the schema; the nearest name is suggested.' },
  type_mismatch: { status: 400, remedy: 'Use a column or value of the type that the function takes.' },
  duplicate_definition: { status: 400, remedy: 'Give each definition of a kind its own name.' },
  definitions_changed: {
    status: 409,
    remedy: 'Look at what changed with `trueline plan`, then start with `trueline up --apply`.',
  },
  invalid_duration: { status: 400, remedy: 'Write a duration as a whole number and a unit: 90s, 15m, 6h, 7d.' },
  invalid_timestamp: {
    status: 400,
    remedy: 'Write a time as ISO 8601 with a zone, such as 2001-01-31T09:30:00Z, or as whole microseconds since 1970.',
  },
  unknown_zone: { status: 400, remedy: 'Use a name of the IANA time-zone database, such as Europe/Berlin.' },
  // rows that are not accepted
  malformed_row: { status: 400, remedy: 'Send a JSON object with the columns of the schema.' },
  missing_column: { status: 400, remedy: 'Send the column, or declare it nullable in the schema.' },
  wrong_type: { status: 400, remedy: 'Send a value of the declared type.' },
  not_finite: { status: 400, remedy: 'NaN and infinities are no data: send null where the column is nullable.' },
  out_of_domain: {
    status: 400,
    remedy: 'Numbers must be zero or between 2^-200 and 2^200 in size; whole numbers at most 2^53 - 1.',
  },
  out_of_range: { status: 400, remedy: 'Send a value inside the declared range, or widen the range in the schema.' },
  invalid_string: {
    status: 400,
    remedy: 'Send well-formed Unicode within the declared length; lone surrogates are refused.',
  },
  missing_key: { status: 400, remedy: 'Every column of the key needs a value.' },
  event_in_future: { status: 400, remedy: "Check the producer's clock, or raise the stream's `ahead`." },
  event_too_late: { status: 400, remedy: "Raise the stream's `corrections.within`, or import the rows as history." },
  revision_conflict: {
    status: 409,
    remedy: "Send changed content under a higher revision; if these are two events, declare the stream's `id`.",
  },
  revisions_unsupported: { status: 400, remedy: 'Send revision 0; corrections and deletions are not accepted yet.' },
  label_before_prediction: {
    status: 400,
    remedy: 'The outcome lies before the time of the prediction that it belongs to: check the clock of its source.',
  },
  // things that are not there
  unknown_stream: { status: 404, remedy: 'Use the name of a stream of the project; `trueline features` lists them.' },
  unknown_entity: { status: 404, remedy: 'Use the name of an entity of the project.' },
  unknown_feature: { status: 404, remedy: 'Use the name of a feature of the project; `trueline features` lists them.' },
  unknown_model: { status: 404, remedy: 'Use the name of a model of the project; `trueline models` lists them.' },
  unknown_version: { status: 404, remedy: 'Use a version of the model; `trueline models` lists them.' },
  unknown_prediction: {
    status: 404,
    remedy: 'Use the prediction_id of an answer; predictions past their retention are gone.',
  },
  unknown_run: { status: 404, remedy: 'Use the id of a run; `trueline runs` lists them.' },
  unknown_alert: { status: 404, remedy: 'Use the id of an alert; `trueline alerts` lists them.' },
  no_model_serving: {
    status: 503,
    remedy: 'Approve and promote a version: `trueline models`, then `trueline promote`.',
  },
  not_found: { status: 404, remedy: 'Check the address; /openapi.json lists the routes.' },
  // files
  file_not_found: { status: 400, remedy: 'Check the path of the file.' },
  file_unreadable: { status: 400, remedy: 'Check that the file is whole and of the format that its name says.' },
  file_format_unknown: { status: 400, remedy: 'Use a .parquet or a .csv file.' },
  // the data directory
  directory_in_use: {
    status: 409,
    remedy: 'Stop the process named, or talk to it: the command line finds it by itself.',
  },
  directory_newer: { status: 409, remedy: 'Use the version of Trueline that wrote the directory, or a newer one.' },
  directory_damaged: {
    status: 500,
    remedy: 'Restore the directory from a backup; `trueline doctor` says what is damaged.',
  },
  disk_full: {
    status: 507,
    remedy: 'Free space on the disk of the data directory and start again; nothing that was acknowledged is lost.',
  },
  log_unavailable: { status: 503, remedy: 'The event log cannot be written: see the cause, mend it, and start again.' },
  port_in_use: { status: 409, remedy: 'Stop the process that uses the port, or choose another one with --port.' },
  no_owner: { status: 409, remedy: 'Start the platform with `trueline up`.' },
  // training and releases
  no_training_rows: { status: 400, remedy: 'Ingest more history, or widen the split: no row had a mature label.' },
  not_numeric_feature: { status: 400, remedy: 'Models take numbers: encode the feature, or leave it out.' },
  invalid_parameter: { status: 400, remedy: "Use a value in the parameter's range." },
  training_failed: { status: 500, remedy: 'See the cause and the log of the run.' },
  gate_failed: { status: 409, remedy: 'See the verdict: `trueline models` shows what the candidate lacked.' },
  not_approved: { status: 409, remedy: 'Have somebody other than the author approve the version: `trueline approve`.' },
  approval_by_author: { status: 403, remedy: 'Have somebody other than the author approve the version.' },
  already_decided: { status: 409, remedy: 'The version was approved or rejected before; register a new one.' },
  reason_required: { status: 400, remedy: 'Say why, with --reason.' },
  no_previous_version: { status: 409, remedy: 'There is nothing to roll back to: only one version has served.' },
  model_changed: {
    status: 409,
    remedy: 'Somebody else changed what serves: look at it again, then repeat the command.',
  },
  artifact_corrupt: {
    status: 500,
    remedy: 'The content does not match its digest: restore it from a backup or train again.',
  },
  // requests
  invalid_request: { status: 400, remedy: 'Mend the request at the path named; /openapi.json describes each route.' },
  body_too_large: { status: 413, remedy: 'Send fewer rows in a request.' },
  content_type: { status: 415, remedy: 'Send JSON with the header content-type: application/json.' },
  host_refused: {
    status: 403,
    remedy: 'Call the platform by its own address; foreign Host and Origin headers are refused.',
  },
  overloaded: { status: 503, remedy: 'Try again in a moment; the header Retry-After says when.' },
  platform_stopped: { status: 503, remedy: 'The platform is shutting down; try again when it is back.' },
  invalid_arguments: { status: 400, remedy: 'See --help for what the command takes.' },
  internal: { status: 500, remedy: 'This is a defect: please report it with the text of the error.' },
} as const satisfies Record<string, { status: number; remedy: string }>

export type ErrorCode = keyof typeof errorCodes
