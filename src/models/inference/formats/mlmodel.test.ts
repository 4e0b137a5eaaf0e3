import { expect, test } from 'vitest'
import { modelFileOf } from './mlmodel.ts'

const file = (flavors: string) => `artifact_path: model\nflavors:\n${flavors}\nmodel_uuid: 1\n`
const python = '  python_function:\n    loader_module: mlflow.lightgbm'

test.each([
  [`  lightgbm:\n    data: model.lgb\n    lgb_version: 4.6.0\n${python}`, { flavour: 'lightgbm', path: 'model.lgb' }],
  [`${python}\n  xgboost:\n    data: model.ubj\n    model_format: ubj`, { flavour: 'xgboost', path: 'model.ubj' }],
  [`  sklearn:\n    pickled_model: model.pkl\n  onnx:\n    data: model.onnx`, { flavour: 'onnx', path: 'model.onnx' }],
])('the file of a flavour that is read directly', (flavors, found) => {
  expect(modelFileOf(file(flavors))).toEqual(found)
})

test.each([
  [file(`  sklearn:\n    pickled_model: model.pkl\n${python}`), 'unsupported_model', 'logged as sklearn'],
  [file(python), 'unsupported_model', 'a Python function'],
  [file('  lightgbm:\n    data: model.pkl'), 'unsupported_model', 'an object of Python (model.pkl)'],
  [file('  lightgbm:\n    data: model.skops'), 'unsupported_model', 'an object of Python (model.skops)'],
  [file('  xgboost:\n    model_format: ubj'), 'model_file_invalid', 'names no file'],
  ['flavors: 3', 'model_file_invalid', 'nothing of flavors'],
  ['', 'model_file_invalid', 'nothing of flavors'],
  ['a: [', 'model_file_invalid', 'no YAML'],
])('no model: %j', (text, code, words) => {
  expect(() => modelFileOf(text)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(words) }))
})
