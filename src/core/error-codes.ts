import { absenceCodes } from './error-codes/absence-codes.ts'
import { batchCodes } from './error-codes/batch-codes.ts'
import { definitionCodes } from './error-codes/definition-codes.ts'
import { directoryCodes } from './error-codes/directory-codes.ts'
import { experimentCodes } from './error-codes/experiment-codes.ts'
import { fileCodes } from './error-codes/file-codes.ts'
import { modelCodes } from './error-codes/model-codes.ts'
import { programCodes } from './error-codes/program-codes.ts'
import { registryCodes } from './error-codes/registry-codes.ts'
import { requestCodes } from './error-codes/request-codes.ts'
import { rowCodes } from './error-codes/row-codes.ts'

/**
 * Every error of the platform, once: what happened, its HTTP status and what to do about it. `docs/errors.md` is
 * generated from this table by `npm run generate`, and a test holds the two together.
 *
 * `status` 500 means a defect or damage (the CLI exits with 2); every other one can be expected (exit 1): 4xx is the
 * caller's or the input's fault, 503 and 507 pass.
 */
export const errorCodes = {
  ...definitionCodes,
  ...rowCodes,
  ...absenceCodes,
  ...fileCodes,
  ...directoryCodes,
  ...modelCodes,
  ...programCodes,
  ...registryCodes,
  ...experimentCodes,
  ...batchCodes,
  ...requestCodes,
}

export type ErrorCode = keyof typeof errorCodes
