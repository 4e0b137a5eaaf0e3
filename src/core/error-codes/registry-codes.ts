import type { ErrorMeaning } from './error-code.ts'

/** Of names, aliases and approvals in the registry. */
export const registryCodes = {
  unknown_registered_model: {
    what: 'No model of that name is registered.',
    status: 404,
    remedy: 'Use the name of a registered model; `trueline models list` names them.',
  },
  model_name_taken: {
    what: 'A model of that name is registered already.',
    status: 409,
    remedy: 'Use the model that is there, or another name.',
  },
  model_governed: {
    what: 'A model of the project was to be renamed or deleted, or a version of it.',
    status: 403,
    remedy:
      'Keep it: reject or archive a version that should not be used; rename or remove a model in the definitions.',
  },
  signature_invalid: {
    what: 'A signature is damaged, of something else, or by a key that the model does not take.',
    status: 400,
    remedy: 'Sign the version as it is with a key whose public part the model names in `signedBy`.',
  },
  signature_missing: {
    what: 'A version was to serve without a signature by a key that its model takes.',
    status: 409,
    remedy: 'Sign it: `trueline models sign MODEL VERSION --key PRIVATE_KEY.pem`.',
  },
  signing_key_invalid: {
    what: 'A key cannot be read, or is of a kind that is not used for signatures.',
    status: 400,
    remedy: 'Use a key as PEM: Ed25519, or on the curve P-256, P-384 or P-521.',
  },
  unknown_lineage: {
    what: 'Nothing of that name is in the lineage.',
    status: 404,
    remedy:
      'Ask about a prediction, `late_flight/3`, `run-12`, `b3`, the digest of a dataset or a file, a stream or a source; or `kind:name`.',
  },
  unknown_alias: {
    what: 'The model has no such alias.',
    status: 404,
    remedy: 'Use an alias of the model; `trueline models aliases MODEL` lists them.',
  },
  alias_protected: {
    what: 'A protected alias was to move past the policy of the model.',
    status: 403,
    remedy: 'Have the version approved first; `champion` moves by `trueline promote` and `trueline rollback` alone.',
  },
  alias_changed: {
    what: 'An alias stands elsewhere than whoever moves it has seen.',
    status: 409,
    remedy: 'Look where it stands, `trueline models aliases MODEL`, then say so with --expected.',
  },
  approver_not_named: {
    what: 'Somebody approved who is none of those that the model names.',
    status: 403,
    remedy: 'Have one of those approve whom the message names.',
  },
  approved_before: {
    what: 'Somebody approved a version a second time; each person counts once.',
    status: 409,
    remedy: 'Have another of those approve whom the message names.',
  },
  gate_changed: {
    what: 'A version was judged by a gate that is defined otherwise by now.',
    status: 409,
    remedy: 'Judge it again, `trueline models judge MODEL VERSION`, or train another.',
  },
  cannot_judge_again: {
    what: 'A version cannot be judged again: it is made of what is defined otherwise now, or of what is not on record.',
    status: 409,
    remedy: 'Train or import a new version: it is judged by the gate as it is.',
  },
  version_files_fixed: {
    what: 'A file was to be written or removed where a version has the files that it was logged with.',
    status: 409,
    remedy: 'Log what changed as another model, and register it as a new version.',
  },
  version_files_changed: {
    what: 'The files of a logged version are not those that it was logged with.',
    status: 409,
    remedy: 'Register what is there as a new version, and use that one.',
  },
  version_has_contract: {
    what: 'A logged version that was to get a contract has one.',
    status: 409,
    remedy: 'See `trueline models show MODEL VERSION`; log a new version for another model.',
  },
} as const satisfies Record<string, ErrorMeaning>
