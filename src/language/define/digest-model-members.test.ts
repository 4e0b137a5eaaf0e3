import { expect, test } from 'vitest'
import type { CommandDefinition } from './command-definition.ts'
import type { LabelDefinition, ModelDefinition } from './definitions.ts'
import { digestOfModel } from './digest.ts'
import {
  fraud,
  isLarge,
  label,
  meaningsOf,
  program,
  project,
  prose,
  saying,
  turned,
  week,
} from './digest-members.fixture.ts'

const sayings = [
  saying<LabelDefinition>('a label', label, (of) => digestOfModel({ ...fraud, label: of }, project), {
    from: ['other', 'meaning'],
    expression: [isLarge, 'meaning'],
    type: ['int', 'meaning'],
    classes: [['a', 'b', 'c'], 'meaning'],
    on: [{ card: 'id' }, 'meaning'],
    within: [61, 'meaning'],
    grace: [1, 'meaning'],
    absent: [{ value: false }, 'meaning'],
  }),
  saying<CommandDefinition>(
    'a program that trains',
    program,
    (of) => digestOfModel({ ...fraud, trainer: of }, project),
    {
      run: [['python', 'other.py'], 'meaning'],
      lock: ['poetry.lock', 'meaning'],
      files: [['lib'], 'meaning'],
      parameters: [{ trees: 3 }, 'meaning'],
      seed: [8, 'meaning'],
      format: ['onnx', 'meaning'],
      environment: [['LICENCE'], 'meaning'],
      container: [`sha256:${'0'.repeat(64)}`, 'meaning'],
      limits: [{ time: 2e6, memory: 2e9 }, 'no meaning'],
      reproducible: [{ metric: 'auc', tolerance: 0.01 }, 'no meaning'],
    },
  ),
  saying<ModelDefinition>('a model', fraud, (of) => digestOfModel(of, project), {
    ...prose,
    name: ['other', 'meaning'],
    task: ['regression', 'meaning'],
    at: ['other', 'meaning'],
    time: ['at', 'meaning'],
    servingLag: [1, 'meaning'],
    features: [[], 'meaning'],
    label: [{ ...label, grace: 1 }, 'meaning'],
    split: [{ kind: 'time', train: 4, validate: 1, test: 1 }, 'meaning'],
    trainer: [{ kind: 'gbdt', parameters: { seed: 8 } }, 'meaning'],
    calibration: ['platt', 'meaning'],
    search: [{ kind: 'grid', space: { depth: [4, 6] } }, 'meaning'],
    weights: [{ classes: 'balanced' }, 'meaning'],
    gate: [{ ...fraud.gate, metric: 'brier' }, 'meaning'],
    serve: [{ ...fraud.serve, fallback: 'keep' }, 'meaning'],
    predicts: ['what is no fraud', 'no meaning'],
    monitor: [{ ...fraud.monitor, psi: 0.2 }, 'no meaning'],
    retrain: [{ approval: 'auto' }, 'no meaning'],
    card: [{ limits: 'many' }, 'no meaning'],
    quality: [{ training: [week], serving: [] }, 'no meaning'],
    training: [{ limits: { time: 1 }, tests: false }, 'no meaning'],
    approvals: [{ needed: 1, of: ['anna'] }, 'no meaning'],
    signedBy: [['key'], 'no meaning'],
    protectedAliases: [['champion'], 'no meaning'],
  }),
]

for (const said of sayings)
  test(`${said.what}: every member that has a meaning is a part of the digest, and no other is`, () => {
    const { found, wanted } = meaningsOf(said)
    expect(found).toEqual(wanted)
    // The order in which members are written has none.
    expect(said.digest(turned(said.base))).toBe(said.digest(said.base))
  })
