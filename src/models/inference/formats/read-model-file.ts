import { TruelineError } from '../../../core/errors.ts'
import { type ForeignModel, fileFault, type ModelFormat } from './foreign-model.ts'
import { readLightgbmText } from './lightgbm-text.ts'
import { isLinearJson, readLinearJson } from './linear-json.ts'
import { readOnnxModel } from './onnx-model.ts'
import { readXgboostModel } from './xgboost-model.ts'

/** A larger file is refused: 64 MiB hold some ten thousand trees. */
export const MOST_FILE_BYTES: number = 64 * 2 ** 20

/**
 * Reads a file that another library wrote a model into, of whichever format it is by its first bytes.
 * @throws TruelineError `model_file_invalid` for a file that is damaged or of something else, `unsupported_model` for a model that
 *   has what is not scored here
 */
export function readModelFile(bytes: Uint8Array): ForeignModel {
  try {
    if (isLightgbm(bytes)) return readLightgbmText(textOf(bytes, 'lightgbm'))
    if (isLinearJson(bytes)) return readLinearJson(textOf(bytes, 'linear'))
    if (isOnnx(bytes)) return readOnnxModel(bytes)
    if (isText(bytes)) throw new TruelineError('model_file_invalid', 'The file is no model: it is a text, and no JSON.')
    return readXgboostModel(bytes)
  } catch (thrown) {
    // What the trees of a file lack is told by who builds forests.
    if (!(thrown instanceof TruelineError) || thrown.code !== 'artifact_corrupt') throw thrown
    throw new TruelineError('model_file_invalid', `The file is no model that can be scored. ${thrown.message}`, {
      cause: thrown,
    })
  }
}

/** Neither JSON nor UBJSON, which begin with a brace: words, or a table. */
function isText(bytes: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64))
  return /^[\x20-\x7e\s]+$/.test(start) && !/^\s*\{/.test(start)
}

function isLightgbm(bytes: Uint8Array): boolean {
  return /^tree\r?\n/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 6)))
}

/** Whether a file is one of ONNX: its message begins with the number of its first field, XGBoost's JSON and UBJSON with a brace. */
export function isOnnx([first]: Uint8Array): boolean {
  return first !== undefined && first < 32 && !isSpace(first)
}

function isSpace(byte: number): boolean {
  return byte === 9 || byte === 10 || byte === 13
}

function textOf(bytes: Uint8Array, format: ModelFormat): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw fileFault(format, 'it is no UTF-8', cause)
  }
}
