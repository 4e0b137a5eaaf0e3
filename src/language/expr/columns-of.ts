import type { Expression } from './expression.ts'

/** Names of the columns that an expression reads, each once, in order of appearance. */
export function columnsOf(expression: Expression): readonly string[] {
  const names = new Set<string>()
  const visit = (one: Expression): void => {
    if (one.kind === 'column') names.add(one.name)
    if (one.kind === 'call') for (const argument of one.arguments) visit(argument)
  }
  visit(expression)
  return [...names]
}
