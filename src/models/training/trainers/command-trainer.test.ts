import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { textCode } from '../../../core/text-code.ts'
import { type CommandOptions, command } from '../../../language/define/command.ts'
import { openDuckdb, sqlText } from '../../../stores/lake/duckdb.ts'
import { forestOf } from '../../inference/forest-builder.ts'
import { exportOnnx } from '../../inference/onnx-export.ts'
import type { Candidate } from '../candidate.ts'
import { commandTrainer } from './command-trainer.ts'
import type { TrainerTask } from './trainer.ts'

const { NaN: MISSING } = Number
const texts = ['DE', "O'Hare"]
const country = Float64Array.of(textCode('DE'), MISSING, textCode("O'Hare"), textCode('DE'))
const price = Float64Array.of(150, 250, MISSING, -350)
const at = Float64Array.of(0, 1_000_000, 2_500_000, 3_000_000)

/** Four rows of a price in cents and a country, the last of them to choose by; the country is encoded as well. */
const rows: Omit<TrainerTask, 'definition' | 'folder' | 'projectFolder' | 'onProgress' | 'onLog'> = {
  task: 'binary',
  training: { ...tableOf(0, 3, [0, 1, 1]), weights: Float64Array.of(1, 0.5, 2) },
  validation: tableOf(3, 4, [0]),
  inputRows: {
    train: { columns: [price.subarray(0, 3), country.subarray(0, 3)], times: at.subarray(0, 3) },
    validate: { columns: [price.subarray(3), country.subarray(3)], times: at.subarray(3) },
    textOf: (code) => texts.find((text) => textCode(text) === code),
  },
  encoders: {
    inputs: [
      { name: 'price', type: 'decimal', scale: 2 },
      { name: 'country', type: 'string' },
    ],
    columns: [{ input: 0 }, { input: 1, encoder: { kind: 'oneHot', categories: ['DE'] } }],
  },
  values: [
    { name: 'price', input: 0, column: 0 },
    { name: 'country = DE', input: 1, column: 1 },
  ],
  seed: 7,
  threads: 1,
}

function tableOf(from: number, to: number, labels: readonly number[]): TrainerTask['training'] {
  const isGerman = country.map((code) => (Number.isNaN(code) ? code : Number(code === textCode('DE'))))
  return {
    rows: to - from,
    featureNames: ['price', 'country = DE'],
    columns: [price, isGerman].map((column) => Float32Array.from(column.subarray(from, to))),
    labels: Float64Array.from(labels),
  }
}

interface Tried {
  readonly candidate: Candidate
  readonly folder: string
  readonly progress: readonly string[]
  readonly lines: readonly string[]
}

/** Trains by a script of the shell, in a project with a lockfile and a file `given`; `use` looks at what came of it. */
async function train(
  script: string,
  options: Omit<CommandOptions, 'run'> & { readonly run?: readonly string[] } = {},
  use: (tried: Tried) => Promise<void> | void = () => undefined,
  given: Uint8Array = new Uint8Array(),
  more: Partial<TrainerTask> = {},
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-command-'))
  const projectFolder = join(folder.path, 'project')
  await mkdir(projectFolder)
  await writeFile(join(projectFolder, 'train.sh'), `output=\${TRUELINE_JOB%job.json}output\n${script}\n`)
  await writeFile(join(projectFolder, 'given'), given)
  await mkdir(join(projectFolder, 'lib', '__pycache__'), { recursive: true })
  for (const name of ['more.sh', '.hidden', '__pycache__/more.pyc'])
    await writeFile(join(projectFolder, 'lib', name), name)
  await writeFile(join(projectFolder, 'requirements.lock'), 'lightgbm==4.7.0\n')
  const definition = command({ run: ['sh', 'train.sh', '{job}'], ...options })
  const progress: string[] = []
  const lines: string[] = []
  const onProgress = (sentence: string): number => progress.push(sentence)
  const onLog = (line: string): number => lines.push(line)
  const candidate = await commandTrainer.train({
    ...rows,
    ...more,
    definition,
    folder: folder.path,
    projectFolder,
    onProgress,
    onLog,
  })
  await use({ candidate, folder: folder.path, progress, lines })
}

const line = JSON.stringify({
  ...{ format: 'linear', inputs: ['country = DE', 'price'], weights: [0.5, 2], intercept: 1, link: 'identity' },
})
const writesLine = `echo '${line}' > $output/model.json`

test('a program gets the rows that it learns from and chooses by, under their names, and its task', async () => {
  const script = `cp -r "\${1%job.json}data" "$1" ..; ${writesLine}`
  await train(script, { parameters: { depth: 3 }, seed: 7 }, async ({ folder }) => {
    const job = JSON.parse(await readFile(join(folder, 'job.json'), 'utf8')) as Record<string, string>
    expect(job).toMatchObject({
      ...{ version: 1, task: 'binary', parameters: { depth: 3 }, seed: 7, threads: 1 },
      features: [
        { name: 'price', type: 'decimal' },
        { name: 'country = DE', type: 'number' },
      ],
      ...{ label: '_label', weight: '_weight', time: '_t', rows: { train: 3, validate: 1 } },
    })
    const duckdb = await openDuckdb({ temporaryFolder: folder })
    try {
      await duckdb.withConnection(async (connection) => {
        const read = async (name: string) => {
          const path = join(folder, 'data', `${name}.parquet`)
          const found = await connection.runAndReadAll(`SELECT * REPLACE (_t::VARCHAR AS _t) FROM ${sqlText(path)}`)
          return found.getRowObjectsJson()
        }
        const second = (seconds: string) => `1970-01-01 00:00:${seconds}`
        expect(await read('train')).toEqual([
          { price: 1.5, 'country = DE': 1, country: 'DE', _label: 0, _weight: 1, _t: second('00') },
          { price: 2.5, 'country = DE': null, country: null, _label: 1, _weight: 0.5, _t: second('01') },
          { price: null, 'country = DE': 0, country: "O'Hare", _label: 1, _weight: 2, _t: second('02.5') },
        ])
        expect(await read('validate')).toEqual([
          { price: -3.5, 'country = DE': 1, country: 'DE', _label: 0, _t: second('03') },
        ])
      })
    } finally {
      duckdb.close()
    }
  })
})

test('its model takes inputs by their names, its metrics and its environment are on record, its log is kept', async () => {
  const script = `
    echo '{"progress": 0.5, "message": "halfway"}'
    echo "it learns, without a secret: $SECRET $LANG" >&2
    echo '{"auc": 0.9, "own loss": 1e-3}' > $output/metrics.json
    sleep 60 &
    ${writesLine}`
  await train(
    script,
    { lock: 'requirements.lock', files: ['lib'], format: 'linear' },
    async ({ candidate, progress, lines }) => {
      const { scorer, encoders, imported, program } = candidate
      expect(scorer.scoreRow(Float64Array.of(1, 3.5), 0)).toBe(8.5)
      expect(encoders.columns).toHaveLength(2)
      expect(imported).toEqual({ format: 'linear', writtenBy: 'a program', objective: 'identity' })
      expect(program!.metrics).toEqual({ auc: 0.9, 'own loss': 0.001 })
      expect(program!.environment).toMatchObject({
        run: ['sh', 'train.sh', '{job}'],
        executable: { digest: expect.stringMatching(/^sha256:/) },
        files: { 'lib/more.sh': expect.stringMatching(/^sha256:/), 'train.sh': expect.stringMatching(/^sha256:/) },
        lock: { path: 'requirements.lock' },
        ...{ seed: 0, passed: [], variables: { LANG: 'C.UTF-8', TZ: 'UTC', OMP_NUM_THREADS: '1' } },
      })
      const read = (name: string): Promise<string> => readFile(program!.files[name]!, 'utf8')
      expect(await read('log')).toMatch(/^it learns, without a secret: {2}C\.UTF-8\nOf its processes, 1 lived on/)
      expect(Object.keys(JSON.parse(await read('code')) as object)).toEqual(['lib/more.sh', 'train.sh'])
      expect(await read('lock')).toBe('lightgbm==4.7.0\n')
      expect((await read('source')).trim()).toBe(line)
      expect(progress).toContain('halfway')
      expect(lines).toEqual(['it learns, without a secret:  C.UTF-8'])
    },
  )
})

test.concurrent.each<
  [string, string, Omit<CommandOptions, 'run'> & { readonly run?: readonly string[] }, string, RegExp]
>([
  ['fails', 'echo why; exit 3', {}, 'program_failed', /ended with code 3\. Its last words:\nwhy$/],
  ['hangs', 'sleep 60', { limits: { time: '1s' } }, 'program_timeout', /not done after 1s/],
  ['is not there', '', { run: ['no-such-program'] }, 'program_missing', /no program 'no-such-program' on the PATH/],
  ['may not be executed', '', { run: ['./train.sh'] }, 'program_missing', /train\.sh' may not be executed/],
  ['lacks a file', '', { files: ['src'] }, 'file_not_found', /names 'src', which is not there/],
  ['has no lockfile', '', { lock: 'poetry.lock' }, 'file_not_found', /poetry\.lock' cannot be read/],
  ['lacks a variable', '', { environment: ['NOT_SET_ANYWHERE'] }, 'setting_missing', /'NOT_SET_ANYWHERE'/],
  ['writes nothing', 'echo x > model.json', {}, 'program_output_invalid', /wrote no model\. Its folder is empty/],
  [
    'changes its rows',
    `rm -f \${1%job.json}data/train.parquet; ${writesLine}`,
    {},
    'program_output_invalid',
    /changed/,
  ],
  [
    'writes a part of a model',
    `echo '{"format": "linear", "in' > $output/model.json`,
    {},
    'model_file_invalid',
    /no JSON/,
  ],
  ['writes another format', writesLine, { format: 'onnx' }, 'program_output_invalid', /is of linear, and .* says onnx/],
  [
    'takes an input that is not there',
    `echo '${line.replace('price', 'prise')}' > $output/model.json`,
    ...([{}, 'inputs_unmatched', /no input 'prise'\. Did you mean 'price'/] as const),
  ],
])('a program that %s is refused with what to do', async (_, script, options, code, message) => {
  const thrown = await train(script, options).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(thrown).toMatchObject({ code, message: expect.stringMatching(message), remedy: expect.stringMatching(/./) })
})

const fixture = join(import.meta.dirname, '../../inference/formats/checked-models.fixture.json')
const models = JSON.parse(await readFile(fixture, 'utf8')) as readonly {
  readonly name: string
  readonly content: string
}[]

test.concurrent.each<[string, string, (text: string) => string, string, RegExp]>([
  ['of several scores', 'lightgbm-multiclass', String, 'unsupported_model', /gives 3 scores/],
  ['of more inputs', 'onnx-scaled-logistic', String, 'inputs_unmatched', /takes 3 inputs, and .* 2\.$/],
  [
    ...(['with NaN in a leaf', 'lightgbm-regression-rf'] as const),
    (text) => text.replace(/^leaf_value=\S+/m, 'leaf_value=nan'),
    ...(['model_file_invalid', /'leaf_value' has 'nan'/] as const),
  ],
])('a model %s is refused', async (_, name, change, code, message) => {
  const content = Buffer.from(models.find((one) => one.name === name)!.content, 'base64').toString('latin1')
  const given = Buffer.from(change(content), 'latin1')
  const thrown = await train('cp given $output/model.bin', {}, undefined, given).catch((error: unknown) => error)
  expect(thrown).toMatchObject({ code, message: expect.stringMatching(message), remedy: expect.stringMatching(/./) })
})

const ofClasses: Partial<TrainerTask> = {
  task: 'multiclass',
  classes: ['late', 'damaged', 'fine'],
  training: tableOf(0, 3, [0, 2, 1]),
}

/** A model of three classes and the two inputs of the task. */
const classesModel = exportOnnx(
  forestOf({ objective: 'multiclass', baseMargin: [0.1, -0.4, 1.5], featureNames: ['price', 'country = DE'] }, [
    { feature: 0, threshold: 2, defaultLeft: true, left: { value: -1 }, right: { value: 1 } },
  ]),
)

test('a program is told the classes, whose numbers are the labels, and its model gives a probability for each', async () => {
  const script = `cp given $output/model.onnx; cp "$1" ..`
  const use = async ({ candidate, folder }: Tried): Promise<void> => {
    expect(candidate.scorer.outputs).toBe(3)
    const job = JSON.parse(await readFile(join(folder, 'job.json'), 'utf8')) as Record<string, unknown>
    expect(job).toMatchObject({ task: 'multiclass', classes: ['late', 'damaged', 'fine'], label: '_label' })
  }
  await train(script, {}, use, classesModel, ofClasses)
})

test.each([
  ['one score', writesLine, ofClasses, /gives 1 score for a row, and here 3 are needed, .* late, damaged, fine/],
  ['three scores', 'cp given $output/model.onnx', {}, /gives 3 scores for a row, and here one is needed/],
])(
  'a model that gives %s where the task has another number of classes is refused',
  async (_, script, more, message) => {
    const thrown = await train(script, {}, undefined, classesModel, more).catch((error: unknown) => error)
    expect(thrown).toMatchObject({
      ...{ code: 'unsupported_model', message: expect.stringMatching(message), remedy: expect.stringMatching(/class/) },
    })
  },
)
