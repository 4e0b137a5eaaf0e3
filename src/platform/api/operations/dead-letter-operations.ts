import { Type } from 'typebox'
import { DeadLetterState } from '../contract.ts'
import { as, limit, offset, reason } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const letter = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Number of a dead letter' })
const name = Type.Optional(Type.String())

export const deadLetterOperations = {
  deadLetters: operation({
    method: 'GET',
    path: '/api/v1/deadletters',
    summary: 'Rows that were not accepted, with their reasons',
    input: Type.Object({ stream: name, code: name, state: Type.Optional(DeadLetterState), limit, offset }),
    run: (platform, input) => platform.deadLetters(input),
  }),
  deadLetter: operation({
    method: 'GET',
    path: '/api/v1/deadletters/{letter}',
    summary: 'A dead letter with its history and what would mend it',
    input: Type.Object({ letter }),
    run: (platform, input) => platform.deadLetter(input.letter),
  }),
  fixDeadLetters: operation({
    method: 'POST',
    path: '/api/v1/deadletters/fix',
    summary:
      'Tries rows of dead letters again, changed or as they are; without `apply` it only tells what would happen',
    input: Type.Object({
      as,
      letter: Type.Optional(letter),
      stream: name,
      code: name,
      set: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
      drop: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
      row: Type.Optional(Type.Unknown()),
      apply: Type.Optional(Type.Boolean()),
    }),
    run: (platform, { as, ...fix }) => platform.fixDeadLetters(fix, { name: as }),
  }),
  discardDeadLetters: operation({
    method: 'POST',
    path: '/api/v1/deadletters/discard',
    summary: 'Gives dead letters up, with a reason; they stay counted as rejected',
    input: Type.Object({ as, letter: Type.Optional(letter), stream: name, code: name, reason }),
    run: (platform, { as, reason, ...choice }) => platform.discardDeadLetters(choice, { name: as }, reason),
  }),
} satisfies Record<string, Operation>
