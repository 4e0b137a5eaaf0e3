import type { ErrorMeaning } from './error-code.ts'

/** Of training and releases. */
export const modelCodes = {
  no_training_rows: {
    what: 'No row of the training set has a mature label.',
    status: 400,
    remedy: 'Ingest more history, or widen the split: no row had a mature label.',
  },
  not_numeric_feature: {
    what: 'A model reads a feature or column that is not a number or a bool.',
    status: 400,
    remedy: 'Models take numbers: encode the feature, as encode.category does, or leave it out.',
  },
  single_class: {
    what: 'All training rows of a binary model have the same label.',
    status: 400,
    remedy: 'Widen the training part of the split until both outcomes occur, or check the label.',
  },
  leak_found: {
    what: 'The rows of a model tell what it could not know when it is asked.',
    status: 409,
    remedy:
      'See `trueline dataset check MODEL`; leave out what leaks, or name it in quality.leaks.allow if it does not.',
  },
  invalid_label: {
    what: 'A training row of a binary model has a label other than 0 and 1, or one of a regression no finite number.',
    status: 400,
    remedy: 'Check the label of the model.',
  },
  invalid_weight: {
    what: 'The weight of a row is missing, below 0 or not finite, or no row has one above 0.',
    status: 400,
    remedy:
      "Check the model's weights: a row that should not count has the weight 0; `coalesce` gives one where a column is null.",
  },
  unsupported_model: {
    what: 'A model has what the program cannot say in this form.',
    status: 400,
    remedy: 'The message names what it is: use another form, or train the model without it.',
  },
  model_file_invalid: {
    what: 'A file of a model is damaged, cut short, or of something else.',
    status: 400,
    remedy:
      'Write it anew with its library and copy it whole: LightGBM as text, XGBoost as JSON or UBJSON, a line as linear JSON, others as ONNX.',
  },
  inputs_unmatched: {
    what: 'The inputs of an imported model are not those of the model that it should be a version of.',
    status: 400,
    remedy: 'Name its inputs as `trueline features` and the definition do, or match them with --by-order.',
  },
  runtime_missing: {
    what: 'A model needs a package that is not installed.',
    status: 503,
    remedy: 'Install it beside Trueline: `npm install onnxruntime-node@1.30`.',
  },
  inference_failed: {
    what: 'A graph could not be run on the tensors of a request.',
    status: 400,
    remedy: 'Check that the shapes fit each other; the message names the operator that failed.',
  },
  scoring_failed: {
    what: 'A row could not be scored: the scorer failed, or its score is no finite number.',
    status: 500,
    remedy: 'Look at the row and at the version that was asked; other rows are not affected.',
  },
  measuring_failed: {
    what: 'What outcomes say about predictions could not be computed.',
    status: 500,
    remedy: 'See the cause; it is tried again, and what is given up is shown with its cohort.',
  },
  explanation_unavailable: {
    what: 'A score cannot be explained: the version does not say what is needed, or what it saw is not kept.',
    status: 409,
    remedy:
      'Train the version again: versions of now keep what explains them. Graphs of ONNX other than forests and lines have no explanation.',
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
  training_inputs_gone: {
    what: 'Something that a training was begun with is gone or has changed.',
    status: 409,
    remedy: 'Restore what the message names from a backup, or train again on what is there now.',
  },
  training_killed: {
    what: 'Something else than the platform ended the process of a training, more than once.',
    status: 503,
    remedy: 'Look whether the machine runs out of memory; the next run goes on with the steps that were finished.',
  },
  training_time_exceeded: {
    what: 'A training took longer than its model allows.',
    status: 409,
    remedy:
      'Raise `training.limits.time` of the model, or give it less to do; what was done is taken up by the next run.',
  },
  training_memory_exceeded: {
    what: 'A training took more memory than its model allows, or than there is.',
    status: 409,
    remedy:
      'Raise `training.limits.memory` of the model, or shorten the split; what was done is taken up by the next run.',
  },
  run_cancelled: {
    what: 'A run was cancelled.',
    status: 409,
    remedy: 'Begin a new one when it is wanted again: the steps that were finished are kept.',
  },
  project_tests_failed: {
    what: "The project's own tests failed, so nothing was trained.",
    status: 409,
    remedy: 'The log of the run says what they found, and so does `trueline test`; mend the project, or the tests.',
  },
  version_not_rebuildable: {
    what: 'A version has no record by which it could be rebuilt.',
    status: 409,
    remedy: 'Rebuild it where it was trained; a version that came in a bundle brings no data.',
  },
  gate_failed: {
    what: 'The candidate did not pass the gate.',
    status: 409,
    remedy: 'See the verdict: `trueline models show MODEL VERSION`.',
  },
  not_approved: {
    what: 'The version has not been approved.',
    status: 409,
    remedy: 'Have somebody other than the author approve the version: `trueline approve MODEL VERSION --as NAME`.',
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
    what: 'There is no version to go back to: none served before, or those that did were rolled back from or retired.',
    status: 409,
    remedy: 'Promote a version by its number: `trueline models` lists them.',
  },
  model_changed: {
    what: 'What serves changed between the look and the change.',
    status: 409,
    remedy: 'Somebody else changed what serves: look at it again, then repeat the command.',
  },
  bundle_invalid: {
    what: 'A bundle of a model is damaged, or of another form.',
    status: 400,
    remedy: 'Write it anew with `trueline package`, and copy it whole.',
  },
  package_incomplete: {
    what: 'Something that a container needs is not there.',
    status: 400,
    remedy: 'Install or build what the message names, then run the command again.',
  },
  golden_mismatch: {
    what: 'A version does not give the predictions that it gave when it was trained.',
    status: 500,
    remedy:
      'It does not serve. Compare versions of node and processors with those of its run, and train it again here.',
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
  contract_breaking: {
    what: 'A version would break those who call the model: it takes less than the one that serves, or gives something else.',
    status: 409,
    remedy: 'See `trueline contract diff MODEL FROM TO`; keep what callers rely on, or agree with them first.',
  },
  quality_gate_failed: {
    what: 'Data that a model would learn from or serve by breaches its checks.',
    status: 409,
    remedy:
      'See `trueline quality` for what was found. A later batch that passes lifts it, as does `trueline quality profile STREAM` where all rows pass; or mend the check, and start with it by `trueline up --apply`.',
  },
} as const satisfies Record<string, ErrorMeaning>
