/**
 * Every error of the platform, once: what happened, its HTTP status and what to do about it. `docs/errors.md` is
 * generated from this table by `npm run generate`, and a test holds the two together.
 *
 * `status` 500 means a defect or damage (the CLI exits with 2); every other one can be expected (exit 1): 4xx is the
 * caller's or the input's fault, 503 and 507 pass.
 */
export const errorCodes = {
  // definitions and configuration
  config_not_found: {
    what: 'There is no project file where one was looked for.',
    status: 400,
    remedy: 'Run the command in a folder with a trueline.config.ts, or name one with --config.',
  },
  config_invalid: {
    what: 'The project file cannot be loaded: a syntax error, a failing import, or no definitions.',
    status: 400,
    remedy: 'Mend the file at the place named, then run the command again.',
  },
  definition_invalid: {
    what: 'A definition says something that cannot be.',
    status: 400,
    remedy: 'Mend the definition named; the guide shows each kind with an example.',
  },
  unknown_column: {
    what: 'A definition names a column that the stream or entity does not have.',
    status: 400,
    remedy: 'Use a column of the schema; the nearest name is suggested.',
  },
  type_mismatch: {
    what: 'A function, aggregate or key was given a column or value of a type that it does not take.',
    status: 400,
    remedy: 'Use a column or value of the type that the function takes.',
  },
  duplicate_definition: {
    what: 'Two different definitions of one kind have the same name.',
    status: 400,
    remedy: 'Give each definition of a kind its own name.',
  },
  needs_restart: {
    what: 'A change that is more than one of features was to be made while the platform runs.',
    status: 409,
    remedy: 'Stop the platform, and start it with `trueline up --apply`.',
  },
  definitions_changed: {
    what: 'The definitions differ from those that the data directory was last run with.',
    status: 409,
    remedy: 'Bring the definitions back, or take the new ones into force with `trueline up --apply`.',
  },
  invalid_duration: {
    what: 'A duration is not written as one.',
    status: 400,
    remedy: 'Write a duration as a whole number and a unit: 90s, 15m, 6h, 7d.',
  },
  invalid_timestamp: {
    what: 'A time is not written as one, or is not in the calendar.',
    status: 400,
    remedy: 'Write a time as ISO 8601 with a zone, such as 2001-01-31T09:30:00Z, or as whole microseconds since 1970.',
  },
  formula_invalid: {
    what: 'A formula given as text cannot be read, or names a function that does not exist.',
    status: 400,
    remedy: 'Mend the formula at the place named, such as: amount = number(trim(amount)).',
  },
  unknown_zone: {
    what: 'The time-zone table has no zone of that name.',
    status: 400,
    remedy: 'Use a name of the IANA time-zone database, such as Europe/Berlin.',
  },
  // rows that are not accepted
  malformed_row: {
    what: 'A row is not a JSON object, or could not be parsed.',
    status: 400,
    remedy: 'Send a JSON object with the columns of the schema.',
  },
  missing_column: {
    what: 'A row lacks a column that its schema requires.',
    status: 400,
    remedy: 'Send the column, or declare it nullable in the schema.',
  },
  wrong_type: {
    what: 'A value is not of the declared type.',
    status: 400,
    remedy: 'Send a value of the declared type.',
  },
  not_finite: {
    what: 'A number is NaN or infinite.',
    status: 400,
    remedy: 'NaN and infinities are no data: send null where the column is nullable.',
  },
  out_of_domain: {
    what: 'A number is outside the domain in which all results are exact.',
    status: 400,
    remedy: 'Numbers must be zero or between 2^-200 and 2^200 in size; whole numbers at most 2^53 - 1.',
  },
  out_of_range: {
    what: 'A value is outside the range that the schema declares.',
    status: 400,
    remedy: 'Send a value inside the declared range, or widen the range in the schema.',
  },
  invalid_string: {
    what: 'A string is too long, not one of the allowed values, or not well-formed Unicode.',
    status: 400,
    remedy: 'Send well-formed Unicode within the declared length; lone surrogates are refused.',
  },
  check_failed: {
    what: 'A row breaches a check of its stream that is critical.',
    status: 400,
    remedy: 'Mend the row, or the check named in the reason; the row waits as a dead letter.',
  },
  missing_key: { what: 'A column of the key is null.', status: 400, remedy: 'Every column of the key needs a value.' },
  event_in_future: {
    what: 'The event time lies further in the future than the stream allows.',
    status: 400,
    remedy: "Check the producer's clock, or raise the stream's `ahead`.",
  },
  event_too_late: {
    what: 'The event became known later after its event time than the stream allows.',
    status: 400,
    remedy: "Raise the stream's `corrections.within`, or import the rows as history.",
  },
  revision_conflict: {
    what: 'Two rows have the same id and revision and different content.',
    status: 409,
    remedy: "Send changed content under a higher revision; if these are two events, declare the stream's `id`.",
  },
  label_before_prediction: {
    what: 'An outcome has an event time before the prediction that it would label.',
    status: 400,
    remedy: 'The outcome lies before the time of the prediction that it belongs to: check the clock of its source.',
  },
  // things that are not there
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
    remedy: 'Use the name of a model of the project; `trueline models` lists them.',
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
  unknown_run: {
    what: 'There is no run of that id.',
    status: 404,
    remedy: 'Use the id of a run; `trueline trace` names the run behind a prediction.',
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
    what: 'No version of the model serves yet.',
    status: 503,
    remedy: 'Approve and promote a version: `trueline models`, then `trueline promote`.',
  },
  not_found: {
    what: 'The server has no such route.',
    status: 404,
    remedy: 'Check the address; /openapi.json lists the routes.',
  },
  // files
  file_not_found: { what: 'There is no file at the path.', status: 400, remedy: 'Check the path of the file.' },
  file_exists: {
    what: 'A file that would be written is there already.',
    status: 409,
    remedy: 'Choose an empty folder, or move the file away.',
  },
  file_unreadable: {
    what: 'A file is damaged, cut short, or not of the format that its name says.',
    status: 400,
    remedy: 'Check that the file is whole and of the format that its name says.',
  },
  file_format_unknown: {
    what: 'The ending of a file names no format that can be imported.',
    status: 400,
    remedy: 'Use a .parquet or a .csv file.',
  },
  source_unavailable: {
    what: 'A source does not answer, breaks off, or is too slow. What came before stands; it is tried again.',
    status: 503,
    remedy: 'Wait for the next attempt, or look after the source; `trueline sources` says when it comes.',
  },
  source_refused: {
    what: 'A source answers, but not with rows: the address, the query, the rights or the form of its pages is wrong.',
    status: 400,
    remedy: 'Mend the definition of the source, or its rights, then run `trueline sources run NAME`.',
  },
  source_changed: {
    what: 'The columns of a source are not those seen before, and its policy does not take them.',
    status: 409,
    remedy: 'Mend the source, or take its new columns with `trueline sources accept NAME`.',
  },
  source_shrunk: {
    what: 'A snapshot of a source lacks more rows than the source allows to be deleted at once; none was deleted.',
    status: 409,
    remedy: 'Find out what became of the rows; if they are to go, raise `deletions.atMost` and run it again.',
  },
  source_busy: {
    what: 'A run of the source is under way.',
    status: 409,
    remedy: 'Wait until it has ended; `trueline sources` shows how it stands.',
  },
  setting_missing: {
    what: 'The environment lacks a variable that the project file names.',
    status: 400,
    remedy: 'Set the variable for the process that runs the platform, and start it again.',
  },
  source_rejected: {
    what: 'So many rows of a source break the schema that it was not taken in.',
    status: 400,
    remedy: 'See the most frequent reasons in the message; mend the source or the schema, or raise the limit.',
  },
  // the data directory
  directory_in_use: {
    what: 'Another process owns the data directory.',
    status: 409,
    remedy: 'Stop the process named, or talk to it: the command line finds it by itself.',
  },
  directory_newer: {
    what: 'The data was written by a newer version of Trueline.',
    status: 409,
    remedy: 'Use the version of Trueline that wrote the directory, or a newer one.',
  },
  directory_damaged: {
    what: 'Something in the data directory is missing or not what its digest says.',
    status: 500,
    remedy: 'Restore the directory from a backup; `trueline doctor` says what is damaged.',
  },
  state_unusable: {
    what: 'What was saved of the feature state cannot be used.',
    status: 500,
    remedy: 'Nothing is lost: the state is made again from the log, which takes longer.',
  },
  directory_foreign: {
    what: 'The folder holds something else than the data of Trueline.',
    status: 400,
    remedy: 'Name an empty folder for the data, or one that does not exist yet.',
  },
  directory_unusable: {
    what: 'The data directory cannot be read or written.',
    status: 400,
    remedy: 'Check that the folder may be read and written by this user.',
  },
  disk_full: {
    what: 'The disk of the data directory has no room left.',
    status: 507,
    remedy: 'Free space on the disk of the data directory and start again; nothing that was acknowledged is lost.',
  },
  log_unavailable: {
    what: 'The event log could not be written, so nothing more is accepted.',
    status: 503,
    remedy: 'The event log cannot be written: see the cause, mend it, and start again.',
  },
  port_in_use: {
    what: 'Another process listens on the port.',
    status: 409,
    remedy: 'Stop the process that uses the port, or choose another one with --port.',
  },
  no_owner: {
    what: 'The command needs a running platform, and none owns the data directory.',
    status: 409,
    remedy: 'Start the platform with `trueline up`.',
  },
  // training and releases
  no_training_rows: {
    what: 'No row of the training set has a mature label.',
    status: 400,
    remedy: 'Ingest more history, or widen the split: no row had a mature label.',
  },
  not_numeric_feature: {
    what: 'A model reads a feature or column that is not a number or a bool.',
    status: 400,
    remedy: 'Models take numbers: encode the feature, or leave it out.',
  },
  single_class: {
    what: 'All training rows of a binary model have the same label.',
    status: 400,
    remedy: 'Widen the training part of the split until both outcomes occur, or check the label.',
  },
  invalid_label: {
    what: 'A training row of a binary model has a label other than 0 and 1, or one of a regression no finite number.',
    status: 400,
    remedy: 'Check the label of the model.',
  },
  invalid_parameter: {
    what: 'A parameter is outside its range.',
    status: 400,
    remedy: "Use a value in the parameter's range.",
  },
  training_failed: {
    what: 'A training run ended with an error.',
    status: 500,
    remedy: 'See the cause and the log of the run.',
  },
  gate_failed: {
    what: 'The candidate did not pass the gate.',
    status: 409,
    remedy: 'See the verdict: `trueline models` shows what the candidate lacked.',
  },
  not_approved: {
    what: 'The version has not been approved.',
    status: 409,
    remedy: 'Have somebody other than the author approve the version: `trueline approve`.',
  },
  approval_by_author: {
    what: 'The author of a version cannot approve it.',
    status: 403,
    remedy: 'Have somebody other than the author approve the version.',
  },
  already_decided: {
    what: 'The version has been approved or rejected already.',
    status: 409,
    remedy: 'The version was approved or rejected before; register a new one.',
  },
  reason_required: { what: 'The decision needs a reason.', status: 400, remedy: 'Say why, with --reason.' },
  no_previous_version: {
    what: 'No other version has served before.',
    status: 409,
    remedy: 'There is nothing to roll back to: only one version has served.',
  },
  model_changed: {
    what: 'What serves changed between the look and the change.',
    status: 409,
    remedy: 'Somebody else changed what serves: look at it again, then repeat the command.',
  },
  artifact_corrupt: {
    what: 'The bytes of an artifact do not match its digest.',
    status: 500,
    remedy: 'The content does not match its digest: restore it from a backup or train again.',
  },
  artifact_missing: {
    what: 'An artifact that the registry names is not there.',
    status: 500,
    remedy: 'Restore the artifacts from a backup, or train again.',
  },
  run_finished: {
    what: 'The run has ended, so nothing about it can change.',
    status: 409,
    remedy: 'Start a new run; what has ended stays as it is.',
  },
  version_serving: {
    what: 'The version serves, so it cannot be retired.',
    status: 409,
    remedy: 'Promote another version first, then retire this one.',
  },
  contract_invalid: {
    what: 'A file is no data contract that can be read.',
    status: 400,
    remedy: 'Give a contract of the Open Data Contract Standard, version 3, in YAML, with at least one table.',
  },
  quality_gate_failed: {
    what: 'Data that a model would learn from or serve by breaches its checks.',
    status: 409,
    remedy: 'See `trueline quality` for what was found; mend the data, or the check.',
  },
  // requests
  invalid_request: {
    what: 'A request does not match the contract of its route.',
    status: 400,
    remedy: 'Mend the request at the path named; /openapi.json describes each route.',
  },
  body_too_large: {
    what: 'The body of a request is larger than is taken at once.',
    status: 413,
    remedy: 'Send fewer rows in a request.',
  },
  content_type: {
    what: 'The body of a request is not declared as JSON.',
    status: 415,
    remedy: 'Send JSON with the header content-type: application/json; events may also come as application/x-ndjson.',
  },
  host_refused: {
    what: 'The Host or Origin header of a request names another site.',
    status: 403,
    remedy: 'Call the platform by its own address; foreign Host and Origin headers are refused.',
  },
  overloaded: {
    what: 'More requests came than can be answered in time.',
    status: 503,
    remedy: 'Try again in a moment; the header Retry-After says when.',
  },
  platform_stopped: {
    what: 'The platform is shutting down.',
    status: 503,
    remedy: 'The platform is shutting down; try again when it is back.',
  },
  no_tests: {
    what: 'There is no test of the project to run.',
    status: 400,
    remedy: 'Write one into a file that ends in .trueline.ts beside the project file, or name a file.',
  },
  tests_invalid: {
    what: 'A file of tests cannot be loaded.',
    status: 400,
    remedy: 'Mend the file at the place named, then run the tests again.',
  },
  tests_outside_run: {
    what: 'A test of a project was declared where nothing runs tests.',
    status: 400,
    remedy: 'Run the file with `trueline test`.',
  },
  invalid_arguments: {
    what: 'A command was given arguments that it does not take.',
    status: 400,
    remedy: 'See --help for what the command takes.',
  },
  internal: {
    what: 'Something happened that the code did not foresee.',
    status: 500,
    remedy: 'This is a defect: please report it with the text of the error.',
  },
} as const satisfies Record<string, { what: string; status: number; remedy: string }>

export type ErrorCode = keyof typeof errorCodes
