import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TruelineError } from '../../../core/errors.ts'
import { treeCount } from '../forest.ts'
import { forestOf } from '../forest-builder.ts'
import { createForestScorer } from '../forest-scorer.ts'
import { createLinearScorer } from '../linear-model.ts'
import { exportOnnx } from '../onnx-export.ts'
import checkedModels from './checked-models.fixture.json' with { type: 'json' }
import { readModelFile } from './read-model-file.ts'
import { readUbjson } from './ubjson.ts'

// What the libraries themselves predicted: tests/engines/model_formats.py wrote it down.
test.each(checkedModels)("$name: margins are the library's to the bit, and scores to the last places", (checked) => {
  const { model } = readModelFile(Buffer.from(checked.content, 'base64'))
  const rows = doubles(checked.rowsContent)
  const scorer = model.kind === 'forest' ? createForestScorer(model.forest) : createLinearScorer(model.linear)
  const scores = scorer.scoreRows(rows, checked.rows)
  for (const [place, theirs] of doubles(checked.scoresContent).entries())
    expect(Math.abs(scores[place]! - theirs)).toBeLessThan(checked.precision === 'float32' ? 1e-6 : 1e-14)
  if (checked.marginsContent === null || model.kind !== 'forest') return
  const margins = createForestScorer({ ...model.forest, transform: { kind: 'identity' } }).scoreRows(rows, checked.rows)
  expect(margins).toEqual(doubles(checked.marginsContent))
})

test('a file says what wrote it, for what, and what its inputs are called', () => {
  const lightgbm = readModelFile(contentOf('lightgbm-binary-categories'))
  expect(lightgbm).toMatchObject({
    format: 'lightgbm',
    writtenBy: 'LightGBM, format v4',
    objective: 'binary sigmoid:1',
  })
  expect(lightgbm.inputNames?.slice(0, 2)).toEqual(['Column_0', 'Column_1'])
  const xgboost = readModelFile(contentOf('xgboost-stopped-ubj'))
  expect(xgboost).toMatchObject({ format: 'xgboost', writtenBy: 'XGBoost 3.2.0', objective: 'binary:logistic' })
  expect(xgboost.inputNames?.[7]).toBe('input 7')
  expect(xgboost.gains?.some((gain) => gain > 0)).toBe(true)
})

test('categories of a pandas frame belong to the inputs that have some', () => {
  const text = contentOf('lightgbm-binary-categories').toString()
  const named = text.replace(/pandas_categorical:.*/, 'pandas_categorical:[["blue","red"]]')
  expect(named).not.toBe(text)
  expect([...readModelFile(Buffer.from(named)).categories]).toEqual([[4, ['blue', 'red']]])
  const ordered = text.replace(/pandas_categorical:.*/, 'pandas_categorical:[["blue","red"],["s","m","l"]]')
  expect(faultOf(Buffer.from(ordered))).toMatchObject({ code: 'unsupported_model' })
  const encodings =
    '{"enc":[{"values":[]},{"offsets":[0,4,7],"values":[98,108,117,101,114,101,100]},{"values":[10,20]}]}'
  const xgboost = contentOf('xgboost-logistic-base-categories-json').toString()
  const framed = xgboost.replace(/"cats":\{[^}]*\}/, `"cats":${encodings}`)
  expect([...readModelFile(Buffer.from(framed)).categories]).toEqual([
    [1, ['blue', 'red']],
    [2, [10, 20]],
  ])
  // 'éa' and 'b' of a pandas frame: two letters and one, and the first three of four bytes.
  const cut = encodings.replace('[98,108,117,101,114,101,100]', '[-61,-87,97]').replace('[0,4,7]', '[0,2,3]')
  expect(faultOf(Buffer.from(framed.replace(encodings, cut)))).toMatchObject({
    code: 'unsupported_model',
    message: expect.stringContaining('letters beyond ASCII'),
  })
})

const exported = forestOf({ objective: 'binary', baseMargin: 0.3, featureNames: ['hour', 'délai'] }, [
  {
    ...{ feature: 1, threshold: 0.1, defaultLeft: true },
    left: { value: 0.5 },
    right: { feature: 0, threshold: 7, defaultLeft: false, left: { value: -1 }, right: { value: -0.25 } },
  },
])

test('what is exported from here as ONNX comes back with its names and its margins', () => {
  const read = readModelFile(exportOnnx(exported))
  expect(read).toMatchObject({ format: 'onnx', objective: 'TreeEnsembleRegressor', inputNames: ['hour', 'délai'] })
  expect(read.model.kind === 'forest' && read.model.forest.transform).toEqual({ kind: 'sigmoid', slope: 1 })
  const rows = Float64Array.of(6, 0.1, 8, 0.2, 6.9, 3, Number.NaN, 1, 3, Number.NaN)
  const scorer = createForestScorer(read.model.kind === 'forest' ? read.model.forest : exported)
  expect(scorer.scoreRows(rows, 5)).toEqual(createForestScorer(exported).scoreRows(rows, 5))
})

test.each([
  ['Sigmoid', 'Softmax', 'unsupported_model', 'the operator Softmax behind its trees'],
  [
    'TreeEnsembleRegressor',
    'TreeEnsembleSomething',
    'unsupported_model',
    'the operator TreeEnsembleSomething and no trees',
  ],
  ['BRANCH_LT', 'BRANCH_XX', 'unsupported_model', 'a split by BRANCH_XX'],
  ['target_weights', 'target_wheights', 'model_file_invalid', 'no message of that format'],
  ['nodes_featureids', 'nodes_featureixs', 'model_file_invalid', "'nodes_featureids' has 0 numbers"],
])('a graph with %s as %s is refused with %s', (what, by, code, saying) => {
  const spoilt = Buffer.from(Buffer.from(exportOnnx(exported)).toString('latin1').replaceAll(what, by), 'latin1')
  expect(faultOf(spoilt)).toMatchObject({ code, message: expect.stringContaining(saying) })
})

test.each([
  ['lightgbm-binary-categories', /objective=.*/, 'objective=my_own_loss', 'unsupported_model', 'my_own_loss'],
  ['lightgbm-binary-categories', 'is_linear=0', 'is_linear=1', 'unsupported_model', 'linear_tree'],
  ['lightgbm-binary-categories', /end of trees[\s\S]*/, '', 'model_file_invalid', 'it is cut short'],
  [
    'lightgbm-binary-categories',
    /Tree=1[\s\S]*end of trees/,
    'end of trees',
    'model_file_invalid',
    'a tree is missing',
  ],
  ['lightgbm-binary-categories', /left_child=\S+/, 'left_child=0', 'model_file_invalid', 'reached twice'],
  ['lightgbm-binary-categories', /left_child=\S+/, 'left_child=77', 'model_file_invalid', 'leads to the split 77'],
  ['lightgbm-binary-categories', /leaf_value=\S+/, 'leaf_value=nan', 'model_file_invalid', "has 'nan'"],
  [
    'lightgbm-binary-categories',
    /max_feature_idx=7/,
    'max_feature_idx=9',
    'model_file_invalid',
    'names 8 of 10 inputs',
  ],
  ['xgboost-dart-json', 'binary:logistic', 'my:own', 'unsupported_model', 'my:own'],
  ['xgboost-dart-json', '"name":"dart"', '"name":"forest"', 'unsupported_model', "the booster 'forest'"],
  ['xgboost-dart-json', /"left_children":\[1/, '"left_children":[0', 'model_file_invalid', 'reached twice'],
  ['xgboost-dart-json', /"left_children":\[1/, '"left_children":[99', 'model_file_invalid', 'leads to the node 99'],
  ['xgboost-dart-json', /"base_score":"[^"]*"/, '"base_score":"[1,2]"', 'model_file_invalid', 'base_score'],
  ['xgboost-dart-json', /"num_feature":"8"/g, '"num_feature":"99999999"', 'model_file_invalid', '99999999 inputs'],
  ['xgboost-dart-json', /}$/, '', 'model_file_invalid', 'no JSON'],
])('%s with %s as %s is refused with %s', (name, what, by, code, saying) => {
  const text = contentOf(name).toString()
  const spoilt = text.replace(what, by)
  expect(spoilt).not.toBe(text)
  expect(faultOf(Buffer.from(spoilt))).toMatchObject({ code, message: expect.stringContaining(saying) })
})

test.each(['regression_l1', 'fair', 'quantile', 'mape', 'regression'])(
  'LightGBM squares the scores of %s where it was trained on roots',
  (objective) => {
    const text = contentOf('lightgbm-regression-rf').toString()
    const transformOf = (named: string) => {
      const { model } = readModelFile(Buffer.from(text.replace(/^objective=.*/m, `objective=${named}`)))
      return model.kind === 'forest' ? model.forest.transform.kind : undefined
    }
    expect(transformOf(objective)).toBe('identity')
    expect(transformOf(`${objective} sqrt`)).toBe('signedSquare')
  },
)

test('a tree of one leaf is read as LightGBM wrote it up to version 4.0, without a count', () => {
  const text = contentOf('lightgbm-regression-rf')
    .toString()
    .replace(
      /Tree=0[\s\S]*(?=end of trees)/,
      'Tree=0\nnum_leaves=1\nnum_cat=0\nleaf_value=3.25\nleaf_weight=\nleaf_count=\n\n',
    )
    .replace(/^tree_sizes=.*/m, 'tree_sizes=80')
  const { model } = readModelFile(Buffer.from(text))
  const forest = model.kind === 'forest' ? model.forest : exported
  expect([...createForestScorer(forest).scoreRows(new Float64Array(8), 1)]).toEqual([3.25])
})

test('a model of XGBoost has the words for numbers that JSON does not know, and texts keep them', () => {
  const document = JSON.parse(contentOf('xgboost-logistic-base-categories-json').toString())
  const read = readModelFile(Buffer.from(JSON.stringify(document)))
  const { learner } = document
  // Versions before 3.0 wrote NaN as the threshold of a split by categories.
  for (const tree of learner.gradient_booster.model.trees)
    for (const node of tree.categories_nodes) tree.split_conditions[node] = 123456789
  learner.gradient_booster.model.trees[0].loss_changes[0] = 987654321
  learner.feature_names[0] = 'NaN, "-Infinity"'
  const worded = JSON.stringify(document).replaceAll('123456789', 'NaN').replace('987654321', 'Infinity')
  expect(worded).toMatch(/[,[]NaN[,\]]/)
  const reread = readModelFile(Buffer.from(worded))
  expect(reread.inputNames?.[0]).toBe('NaN, "-Infinity"')
  // What is kept of a version is JSON, which has no infinite gain.
  expect(Math.max(...reread.gains!)).toBeGreaterThanOrEqual(2 ** 127)
  expect(reread.gains?.every(Number.isFinite)).toBe(true)
  const { model } = reread
  expect(model).toEqual(
    read.model.kind === 'forest' && {
      ...read.model,
      forest: { ...read.model.forest, featureNames: reread.inputNames },
    },
  )
})

describe('a model of XGBoost that was stopped early', () => {
  const rounds = 3
  // Two trees of each of three classes grow in an iteration.
  const parallel = (attributes: object, outputs: number): TruelineError | number => {
    const document = JSON.parse(contentOf('xgboost-dart-json').toString())
    const { learner } = document
    const { model } = learner.gradient_booster.gbtree
    const trees = rounds * outputs * 2
    learner.gradient_booster = { name: 'gbtree', model }
    model.trees = Array.from({ length: trees }, () => model.trees[0])
    model.tree_info = Array.from({ length: trees }, (_, tree) => Math.floor(tree / 2) % outputs)
    delete model.iteration_indptr
    delete model.gbtree_model_param.num_parallel_tree
    learner.attributes = attributes
    learner.learner_model_param.num_class = String(outputs === 1 ? 0 : outputs)
    learner.learner_model_param.base_score = '5E-1'
    if (outputs > 1) learner.objective = { name: 'multi:softprob' }
    const bytes = Buffer.from(JSON.stringify(document))
    const fault = faultOf(bytes)
    if (fault !== undefined) return fault
    const read = readModelFile(bytes).model
    return read.kind === 'forest' ? treeCount(read.forest) : 0
  }

  test('is scored with all trees of its iterations, as versions 1.4 and 1.5 count them', () => {
    expect(parallel({ best_iteration: '1', best_ntree_limit: '4' }, 1)).toBe(4)
    expect(parallel({ best_iteration: '1', best_ntree_limit: '4' }, 3)).toBe(12)
    // They wrote it of every model, also of one that was not stopped.
    expect(parallel({ best_iteration: '2', best_ntree_limit: '6' }, 1)).toBe(6)
  })

  test('is scored by the order of its trees where they are of several classes, and else refused where nothing says how many', () => {
    expect(parallel({ best_iteration: '1' }, 3)).toBe(12)
    expect(parallel({ best_iteration: '5' }, 1)).toBe(6)
    expect(parallel({ best_iteration: '1' }, 1)).toMatchObject({
      code: 'unsupported_model',
      message: expect.stringContaining('does not say how many trees grew in each'),
      remedy: expect.stringContaining('set_attr(best_iteration=None)'),
    })
  })
})

test('any bytes are a model or a coded error, and a length is never believed', () => {
  const contents = checkedModels.map(({ name }) => contentOf(name))
  const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.option(fc.nat()) })
  fc.assert(
    fc.property(fc.nat(contents.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }), (which, changes) => {
      let bytes = Buffer.from(contents[which]!)
      for (const { at, byte, cut } of changes) {
        bytes[at % bytes.length] = byte
        if (cut !== null) bytes = bytes.subarray(0, 1 + (cut % bytes.length))
      }
      const fault = faultOf(bytes)
      if (fault !== undefined) expect(['model_file_invalid', 'unsupported_model']).toContain(fault.code)
    }),
    { numRuns: 400, seed: 11 },
  )
  for (const bytes of [Buffer.alloc(0), Buffer.from('{'), Buffer.from('tree\n'), Buffer.from('{}'), Buffer.from('[1]')])
    expect(faultOf(bytes)?.code).toBe('model_file_invalid')
  expect(faultOf(Buffer.from('customer,order\nC1,O1\n'))?.message).toBe(
    'The file is no model: it is a text, and no JSON.',
  )
  const claims = Buffer.concat([Buffer.from('[$D#L'), Buffer.of(0, 0, 0, 255, 255, 255, 255, 255)])
  expect(() => readUbjson(claims)).toThrow('ends in the middle')
  expect(() => readUbjson(Buffer.from('['.repeat(100_000)))).toThrow('nested')
})

function contentOf(name: string): Buffer {
  return Buffer.from(checkedModels.find((checked) => checked.name === name)!.content, 'base64')
}

function faultOf(bytes: Uint8Array): TruelineError | undefined {
  try {
    readModelFile(bytes)
    return undefined
  } catch (thrown) {
    if (thrown instanceof TruelineError) return thrown
    throw thrown
  }
}

function doubles(base64: string): Float64Array {
  const bytes = Buffer.from(base64, 'base64')
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}
