import { parse } from 'yaml'
import { TruelineError } from '../../../core/errors.ts'

/** Flavours of MLflow whose files are read directly; of several, the first. */
const readable = ['onnx', 'lightgbm', 'xgboost'] as const

/** What a folder of MLflow says of the model in it. */
export interface LoggedModelFile {
  readonly flavour: (typeof readable)[number]
  /** Path of the model's file in the folder. */
  readonly path: string
}

/**
 * The file of a model by the `MLmodel` of its folder, which names a path for each flavour that it was saved in.
 * @param text of the file `MLmodel`, YAML
 * @throws TruelineError `model_file_invalid` when it is no such file, `unsupported_model` when it has no flavour that is read
 *   directly, or its file is an object of Python
 * Source: MLflow, "MLmodel file format", https://mlflow.org/docs/latest/ml/model/
 */
export function modelFileOf(text: string): LoggedModelFile {
  const { flavors } = (parsed(text) ?? {}) as { flavors?: unknown }
  if (typeof flavors !== 'object' || flavors === null)
    throw new TruelineError('model_file_invalid', 'The file MLmodel says nothing of flavors.', { path: 'MLmodel' })
  const said = flavors as Readonly<Record<string, { readonly data?: unknown } | null>>
  const flavour = readable.find((name) => Object.hasOwn(said, name))
  if (flavour === undefined) {
    const names = Object.keys(said).filter((name) => name !== 'python_function')
    throw new TruelineError(
      'unsupported_model',
      `The model was logged as ${names.join(', ') || 'a Python function'}.`,
      {
        path: 'MLmodel',
        remedy: `Log it as ONNX, LightGBM or XGBoost; a model of scikit-learn becomes ONNX by skl2onnx before mlflow.onnx.log_model.`,
      },
    )
  }
  const path = said[flavour]?.data
  if (typeof path !== 'string')
    throw new TruelineError('model_file_invalid', `The flavor ${flavour} in MLmodel names no file.`, {
      path: 'MLmodel',
    })
  if (/\.(pkl|pickle|cloudpickle|skops)$/.test(path))
    throw new TruelineError(
      'unsupported_model',
      `The model of ${flavour} was logged as an object of Python (${path}), which only Python can read.`,
      { path, remedy: 'Log its booster: `mlflow.lightgbm.log_model(model.booster_)`.' },
    )
  return { flavour, path }
}

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new TruelineError('model_file_invalid', 'The file MLmodel is no YAML.', { path: 'MLmodel', cause })
  }
}
