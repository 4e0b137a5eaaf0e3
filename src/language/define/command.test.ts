import { expect, test } from 'vitest'
import { mistakesIn } from './check-project.ts'
import { decodeProject, encodeProject } from './codec.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { type CommandOptions, command } from './command.ts'
import { encode } from './encode.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { splitWords } from './split-words.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const clicks = stream('clicks', {
  key: 'id',
  time: 'at',
  schema: { id: t.string(), country: t.string(), price: t.number(), at: t.timestamp() },
})
const bought = stream('bought', {
  key: 'id',
  time: 'at',
  schema: { id: t.string(), at: t.timestamp(), paid: t.bool() },
})

function projectWith(options: CommandOptions) {
  const trained = model('buys', {
    predicts: 'whether the click ends in a purchase',
    at: clicks,
    features: [encode.byProgram(clicks.pick('country')), clicks.pick('price')],
    label: label(bought, col('paid')).on('id').within('1d').absent(false),
    split: byTime({ train: '8d', validate: '1d', test: '1d' }),
    trainer: command(options),
  })
  return collectProject([trained])
}

test('a program as a trainer is plain data with its defaults, and may take texts as they are', () => {
  const project = projectWith({
    run: "python 'my train.py' --fast",
    lock: 'requirements.lock',
    parameters: { trees: 200, names: ['a', null] },
    seed: 7,
    limits: { time: '30m', memory: '2GB' },
    environment: ['LICENCE', 'AREA', 'LICENCE'],
  })
  expect(mistakesIn(project)).toEqual([])
  const reloaded = decodeProject(encodeProject(project)).models['buys']!.trainer
  expect(reloaded).toEqual({
    kind: 'command',
    run: ['python', 'my train.py', '--fast'],
    lock: 'requirements.lock',
    parameters: { names: ['a', null], trees: 200 },
    seed: 7,
    limits: { time: 30 * 60e6, memory: 2e9 },
    environment: ['AREA', 'LICENCE'],
    reproducible: 'bitwise',
  })
  expect(command({ run: ['train'] })).toMatchObject({ seed: 0, limits: { time: 3600e6, memory: 4e9 }, environment: [] })
})

test('words are parted by spaces and kept together by quotes', () => {
  expect(splitWords(` a  "b 'c' |" d'e f'"g" '' `, 'run')).toEqual(['a', "b 'c' |", 'de fg', ''])
  expect(splitWords('', 'run')).toEqual([])
})

test.each([
  'python train.py > log',
  'python train.py | tee log',
  'cd models && python train.py',
  'python $SCRIPT',
  'python `which`',
  'python *.py',
  'rm -rf ~',
  "python 'train.py",
])('what only a shell could read is refused: %s', (run) => {
  expect(() => command({ run })).toThrow(expect.objectContaining({ code: 'definition_invalid', path: 'command, run' }))
})

test.each<[string, CommandOptions, string]>([
  ['no program', { run: '' }, 'There is no program.'],
  ['a lockfile elsewhere', { run: 'a', lock: '../lock' }, "'../lock' does not lie in the folder of the project."],
  ['files elsewhere', { run: 'a', files: ['lib', 'lib/../../x'] }, "'lib/../../x' does not lie in the folder"],
  ['an absolute lockfile', { run: 'a', lock: '/etc/passwd' }, "'/etc/passwd' does not lie"],
  ['a parameter that is no JSON', { run: 'a', parameters: { rate: Number.NaN } }, 'They are no JSON'],
  ['a parameter that is on record', { run: 'a', parameters: { seed: 1 } }, "The run has 'seed' on record itself."],
  ['a broken seed', { run: 'a', seed: 0.5 }, '0.5 is not a whole number'],
  ['hardly any time', { run: 'a', limits: { time: '0s' } }, 'It must be at least 1s.'],
  ['a variable with its value', { run: 'a', environment: ['KEY=secret'] }, "'KEY=secret' is no name of a variable."],
  ['a tag for a digest', { run: 'a', container: 'python:3.12' }, "'python:3.12' is no digest."],
  ['another format', { run: 'a', format: 'pickle' as never }, "There is no format 'pickle'."],
  ['another promise', { run: 'a', reproducible: { metric: 'f1' as never, tolerance: 0 } }, "There is no metric 'f1'."],
  ['a tolerance below 0', { run: 'a', reproducible: { metric: 'auc', tolerance: -1 } }, 'Its tolerance is no number'],
])('a trainer with %s is refused', (_, options, message) => {
  const mistakes = mistakesIn(projectWith(options))
  expect(mistakes.map((mistake) => mistake.message).join()).toContain(message)
  expect(mistakes[0]!.path).toMatch(/^model 'buys', trainer\./)
})

test('a trainer is held to a metric that models of its task have', () => {
  const classes = ['late', 'lost', 'fine'] as const
  const reproducible = (metric: 'auc' | 'macro_f1' | 'log_loss') => {
    const { models, ...rest } = projectWith({ run: 'a', reproducible: { metric, tolerance: 0.01 } })
    const label = { ...models['buys']!.label, classes, type: 'string', absent: 'exclude' } as const
    const changed = { ...models['buys']!, label, task: 'multiclass' } as const
    return mistakesIn({ ...rest, models: { buys: changed } }).filter(({ path }) => path?.includes('reproducible'))
  }
  expect(reproducible('auc').map(({ message }) => message)).toEqual([expect.stringContaining("no metric 'auc'")])
  expect([...reproducible('macro_f1'), ...reproducible('log_loss')]).toEqual([])
  const ofNumber = projectWith({ run: 'a', reproducible: { metric: 'rmse', tolerance: 1 } })
  expect(mistakesIn(ofNumber).map(({ message }) => message)).toEqual([expect.stringContaining("no metric 'rmse'")])
})

test('what is misspelt, or missing, is refused where it is written', () => {
  const wrong = (options: object) => () => command(options as CommandOptions)
  expect(wrong({ run: 'a', lok: 'b' })).toThrow(/There is no option 'lok'/)
  expect(wrong({ run: 'a', limits: { tim: '1s' } })).toThrow(/There is no option 'tim'/)
  expect(wrong({ parameters: {} })).toThrow(/It does not say what to run/)
  expect(wrong({ run: 'a', limits: { memory: '2 gigs' } })).toThrow(/'2 gigs' is not a size/)
})
