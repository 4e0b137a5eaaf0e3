import type { ErrorCode } from '../../../core/error-codes.ts'
import type { TruelineError } from '../../../core/errors.ts'
import type { Fields } from './fields.ts'

/** An error as the protocol has it. */
export interface ProtocolError {
  readonly status: number
  readonly body: { readonly error_code: string; readonly message: string }
}

/** Codes that clients tell apart, by ours; the rest goes by its status. */
const known: Partial<Readonly<Record<ErrorCode, readonly [number, string]>>> = {
  not_found: [404, 'ENDPOINT_NOT_FOUND'],
  experiment_exists: [400, 'RESOURCE_ALREADY_EXISTS'],
  model_name_taken: [400, 'RESOURCE_ALREADY_EXISTS'],
  unknown_alias: [400, 'INVALID_PARAMETER_VALUE'],
  unsupported: [501, 'NOT_IMPLEMENTED'],
  content_type: [400, 'INVALID_PARAMETER_VALUE'],
}

/** What the protocol's own server says, by what was asked: scripts look for these words. */
const wording: Partial<Readonly<Record<ErrorCode, (fields: Fields) => string>>> = {
  unknown_registered_model: ({ name }) => `Registered Model with name=${name} not found`,
  model_name_taken: ({ name, new_name: renamed }) => `Registered Model (name=${renamed ?? name}) already exists.`,
  unknown_version: ({ name, version }) => `Model Version (name=${name}, version=${version}) not found`,
  unknown_alias: ({ alias }) => `Registered model alias ${alias} not found.`,
  content_type: () => "Bad Request. Content-Type must be one of ['application/json'].",
}

const byStatus: Readonly<Record<number, string>> = {
  400: 'INVALID_PARAMETER_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  409: 'RESOURCE_CONFLICT',
  410: 'RESOURCE_DOES_NOT_EXIST',
  429: 'REQUEST_LIMIT_EXCEEDED',
  503: 'TEMPORARILY_UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/**
 * An error in the protocol's shape. What a client did wrong has a status that no client tries again.
 * @param fields what was asked
 * Source: the error codes of MLflow's REST API, https://mlflow.org/docs/latest/api_reference/rest-api.html
 */
export function protocolError(error: TruelineError, fields: Fields): ProtocolError {
  const [status, code] = known[error.code] ?? [
    error.status,
    byStatus[error.status] ?? (error.status < 500 ? 'INVALID_PARAMETER_VALUE' : 'INTERNAL_ERROR'),
  ]
  const isPolicy = status === 403 || status === 409 || status >= 500
  const worded = isArtifactPath(error)
    ? 'Invalid path'
    : error.path === 'content-encoding' || error.path === 'source'
      ? undefined
      : wording[error.code]?.(fields)
  const message = worded ?? (isPolicy ? `${error.message} ${error.remedy}` : error.message)
  return { status, body: { error_code: code, message } }
}

/** Whether it is about a path that no artifact can have. */
function isArtifactPath({ code, path, message }: TruelineError): boolean {
  return code === 'invalid_parameter' && path === 'path' && message.startsWith('Invalid path: "')
}
