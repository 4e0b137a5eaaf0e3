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
  version_has_contract: {
    what: 'A logged version that was to get a contract has one.',
    status: 409,
    remedy: 'See `trueline models show MODEL VERSION`; log a new version for another model.',
  },
} as const satisfies Record<string, ErrorMeaning>
