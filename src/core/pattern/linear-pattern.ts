import { TruelineError } from '../errors.ts'
import { type PatternNode, parsePattern } from './parse-pattern.ts'

type Instruction =
  | { readonly kind: 'set'; readonly ranges: readonly number[]; readonly negated: boolean; next: number }
  | { readonly kind: 'split'; next: number; other: number }
  | { readonly kind: 'start' | 'end'; next: number }
  | { readonly kind: 'match' }

/** The instructions that a text may have led to so far. */
interface State {
  readonly members: readonly number[]
  readonly matched: boolean
  readonly matchedAtEnd: boolean
  /** Next state by ASCII code; undefined where it was not needed yet. */
  readonly next: (State | undefined)[]
}

const MOST_INSTRUCTIONS = 5000
const MOST_STATES = 1000
const ASCII = 128

/**
 * A test of whether a text holds a match of a regular expression, in time that grows with the text's length alone:
 * whatever the expression, no text makes it run away. By simulation of a non-deterministic automaton whose sets of
 * states are kept as they appear (K. Thompson, "Regular Expression Search Algorithm", 1968; R. Cox, "Regular Expression
 * Matching Can Be Simple And Fast", 2007).
 * @throws TruelineError `definition_invalid` for what is no pattern, or a very large one
 */
export function compilePattern(text: string): (subject: string) => boolean {
  const program = assemble(parsePattern(text), text)
  const states = new Map<string, State>()

  function stateOf(entries: readonly number[], atStart: boolean): State {
    const members = new Set<number>()
    const matched = close(program, entries, atStart, false, members)
    const list = [...members]
      .filter((index) => program[index]!.kind === 'set' || program[index]!.kind === 'end')
      .sort((a, b) => a - b)
    const key = `${matched}${list.join()}`
    const known = states.get(key)
    if (known !== undefined) return known
    const matchedAtEnd = matched || close(program, entries, atStart, true, new Set())
    const state = { members: list, matched, matchedAtEnd, next: [] }
    if (states.size >= MOST_STATES) {
      states.clear()
      first.next.length = 0
    }
    states.set(key, state)
    return state
  }

  function step(state: State, code: number): State {
    const entries = [0]
    for (const index of state.members) {
      const instruction = program[index]!
      if (instruction.kind === 'set' && holds(instruction, code)) entries.push(instruction.next)
    }
    return stateOf(entries, false)
  }

  const first = stateOf([0], true)
  return (subject) => {
    let state = first
    for (let at = 0; at < subject.length && !state.matched; at += 1) {
      const code = subject.charCodeAt(at)
      if (code < ASCII) {
        const known = state.next[code]
        const next: State = known ?? step(state, code)
        if (known === undefined) state.next[code] = next
        state = next
        continue
      }
      const point = subject.codePointAt(at)!
      if (point > 0xffff) at += 1
      state = step(state, point)
    }
    return state.matched || state.matchedAtEnd
  }
}

function holds({ ranges, negated }: { ranges: readonly number[]; negated: boolean }, code: number): boolean {
  for (let index = 0; index < ranges.length; index += 2)
    if (code >= ranges[index]! && code <= ranges[index + 1]!) return !negated
  return negated
}

/** Follows all that takes no character; whether a match is reached. */
function close(
  program: readonly Instruction[],
  entries: readonly number[],
  atStart: boolean,
  atEnd: boolean,
  members: Set<number>,
): boolean {
  const pending = [...entries]
  let matched = false
  while (pending.length > 0) {
    const index = pending.pop()!
    if (members.has(index)) continue
    members.add(index)
    const instruction = program[index]!
    if (instruction.kind === 'match') matched = true
    else if (instruction.kind === 'split') pending.push(instruction.next, instruction.other)
    else if (instruction.kind === 'start' && atStart) pending.push(instruction.next)
    else if (instruction.kind === 'end' && atEnd) pending.push(instruction.next)
  }
  return matched
}

function assemble(root: PatternNode, text: string): readonly Instruction[] {
  const program: Instruction[] = []
  const add = <Kind extends Instruction>(instruction: Kind): Kind => {
    if (program.length >= MOST_INSTRUCTIONS)
      throw new TruelineError('definition_invalid', `The pattern ${JSON.stringify(text)} is too large.`, {
        remedy: 'Repeat less, or check the length by itself.',
      })
    program.push(instruction)
    return instruction
  }

  function emit(node: PatternNode): void {
    switch (node.kind) {
      case 'set':
        add({ ...node, next: program.length + 1 })
        return
      case 'start':
      case 'end':
        add({ kind: node.kind, next: program.length + 1 })
        return
      case 'sequence':
        for (const part of node.parts) emit(part)
        return
      case 'choice':
        emitChoice(node.options)
        return
      case 'repeat':
        emitRepeat(node)
    }
  }

  function emitChoice(options: readonly PatternNode[]): void {
    const ends: { next: number; other: number }[] = []
    for (const [index, option] of options.entries()) {
      const isLast = index === options.length - 1
      const split = isLast ? undefined : add({ kind: 'split', next: program.length + 1, other: 0 })
      emit(option)
      if (!isLast) ends.push(add({ kind: 'split', next: 0, other: 0 }))
      if (split !== undefined) split.other = program.length
    }
    for (const end of ends) {
      end.next = program.length
      end.other = program.length
    }
  }

  function emitRepeat({ node, min, max }: Extract<PatternNode, { kind: 'repeat' }>): void {
    for (let turn = 0; turn < min; turn += 1) emit(node)
    if (max === Number.POSITIVE_INFINITY) {
      const start = program.length
      const split = add({ kind: 'split', next: start + 1, other: 0 })
      emit(node)
      add({ kind: 'split', next: start, other: start })
      split.other = program.length
      return
    }
    const splits: { other: number }[] = []
    for (let turn = min; turn < max; turn += 1) {
      splits.push(add({ kind: 'split', next: program.length + 1, other: 0 }))
      emit(node)
    }
    for (const split of splits) split.other = program.length
  }

  emit(root)
  add({ kind: 'match' })
  return program
}
