import { join } from 'node:path'
import type { Schema, Value } from '../src/core/data-type.ts'
import { formatTime, parseTime } from '../src/core/time.ts'
import { describeExpression } from '../src/language/define/logic.ts'
import { col, when } from '../src/language/define/terms.ts'
import { compileExpression } from '../src/language/expr/compile.ts'
import { createDictionary } from '../src/language/expr/dictionary.ts'
import { evaluateFormula, plainFunctions } from '../src/language/expr/evaluate-formula.ts'
import type { Expression } from '../src/language/expr/expression.ts'
import { type FunctionName, functions } from '../src/language/expr/functions.ts'
import { keywords, operators, parseFormula } from '../src/language/expr/parse-formula.ts'
import { textFunctions } from '../src/language/expr/text-functions.ts'
import { typeOfExpression } from '../src/language/expr/type-of.ts'
import { formulaWords, functionWords, type Words } from './expression-words.ts'

/** The row that the examples are over, with the types of its columns; the decimal is in its units. */
const row: Readonly<Record<string, readonly [type: Schema[string], value: Value]>> = {
  quantity: [{ type: 'int' }, 4],
  price: [{ type: 'decimal', scale: 2 }, 1250],
  weight: [{ type: 'number' }, 0.5],
  discount: [{ type: 'number', nullable: true }, null],
  status: [{ type: 'string' }, 'paid'],
  note: [{ type: 'string', nullable: true }, null],
  gift: [{ type: 'bool' }, false],
  insured: [{ type: 'bool', nullable: true }, null],
  ordered_at: [{ type: 'timestamp' }, parseTime('2001-01-31T17:45:00Z')],
  paid_at: [{ type: 'timestamp' }, parseTime('2001-01-31T18:00:00Z')],
}
const schema: Schema = Object.fromEntries(Object.entries(row).map(([name, [type]]) => [name, type]))

/** A row as a source sent it, which formulas mend. */
const sent = { city: ' Ulm ', amount: '12,50', quantity: 4, currency: 'EUR', ordered: '2001-01-31 17:45' }

/** Where the reference of expressions goes, and its text: what it says of functions is their table's, and every example is computed. */
export function generateExpressions(): { path: string; text: string } {
  const names = Object.keys(functions) as FunctionName[]
  const titles = [...new Set(names.map((name) => functionWords[name].section))]
  const sections = titles.flatMap((title) => [
    `### ${title}`,
    '',
    ...functionTable(names.filter((name) => functionWords[name].section === title)),
    '',
  ])
  const text = [
    intro,
    ...rowTable(),
    types,
    ...sections,
    formulas,
    ...operatorTable(),
    functionsOfFormulas(),
    ...formulaTable(),
  ]
  return { path: join(import.meta.dirname, '../docs/guide/expressions.md'), text: `${text.join('\n')}\n` }
}

const intro = `# Expressions

One language says what a row means, wherever a definition reads one. This page has all of it: it is generated from the
language's own tables by \`npm run generate\`, and the value of every example is computed.

\`\`\`ts
mean(col('price').multiply(col('quantity'))).where(col('status').in('paid', 'sent')).over('7d')
\`\`\`

| where | over | what becomes of null |
|---|---|---|
| argument of an aggregate, \`sum(…)\`, \`share(…)\` | a row of the stream | the row is left out |
| \`.where(…)\` of an aggregate | a row of the stream | the row does not count |
| \`request('…', { … })\` | the row that asks, by \`req('column')\` | the feature is null |
| \`derived('…', { select: { … } })\` | values of other features, by \`feature(group, 'name')\`, and \`req('column')\` | the feature is null |
| \`label(stream, …)\` | the row of the outcome | there is no label |
| \`weights: { rows: … }\` | the row that asks | refused: \`invalid_weight\` |
| \`override({ when: … })\` | the row that asks | the rule does not hold |
| \`holds(…)\`, a check | a row of the stream | the check holds, as in SQL |

An expression begins with a column, \`col('price')\` (\`req\` and \`feature\` where the table says so), and goes on with methods. The
other values are columns, numbers, texts, \`true\` and \`false\`, and expressions. What a definition holds is plain data, shown everywhere
in the second way that the tables below have: \`price * quantity\`.

The compiler finds a misspelt column and a comparison of a number with a text; \`trueline plan\` finds the same without it. An
expression gives the same bits in training, serving and replay, on any machine ([semantics](../semantics.md)).

## The row of the examples
`

const types = `
## Types

- **int** (whole, up to 2^53 in size), **number** (a double), **bool**, **string** and **timestamp** (microseconds since 1970, UTC) are taken as
  they are. A **decimal** is a number as soon as a function takes it; a decimal column that stands alone keeps its units.
- Values of one type go together; an int beside a number is a number. Nothing else is converted: \`1\` is no text and no bool.
- A result outside its type is null: an int beyond 2^53, a number that is not 0 and whose size is outside 2^-200 to 2^200. \`-0\` is 0.
- Texts are the same or not; they have no order. Timestamps have one.
- A number written in a definition is an int where it is whole. Durations are microseconds: \`subtract\` of two timestamps is compared with
  \`15 * 60_000_000\`.

## Nulls

A function of which any argument is null gives null, but for those that say otherwise: \`and\` and \`or\`, which follow Kleene's logic as
SQL does, \`isNull\`, \`coalesce\` and \`when\`. A comparison with null is null, never true: \`isNull()\` asks for it.

## Functions
`

const formulas = `## Formulas

\`trueline deadletters fix --set "column = formula"\` mends rows that were not accepted ([dead letters](dead-letters.md)). A formula is the
same language as text, over a row as it was sent: it has no schema yet, so that its columns are the texts, numbers and bools of its JSON,
and one that is missing is null.

- Columns stand as they are, and between backticks where their name is no word: \`\` \`Order Date\` \`\`.
- Texts stand in single quotes, a quote within them twice, or in double quotes, as in JSON.
- \`true\`, \`false\`, \`null\`; times, \`2001-01-31T09:30:00Z\`, and durations, \`15m\` (\`ms\`, \`s\`, \`m\`, \`h\`, \`d\`), are microseconds.
- \`x is null\`, \`x is not null\`, \`x between 1 and 5\`, \`x in (1, 2)\`, and both of these with \`not\` before them.
- Upper and lower case are the same in \`AND\`, \`OR\`, \`NOT\`, \`IS\`, \`IN\`, \`BETWEEN\`, and differ in columns and functions.

Operators, those that bind most tightly first; of equal ones the left one comes first:
`

function functionTable(names: readonly FunctionName[]): readonly string[] {
  return [
    '| | takes | gives |',
    '|---|---|---|',
    ...names.map(
      (name) => `| **${name === 'if' ? 'when' : name}** | ${functions[name].takes} | ${functionWords[name].gives} |`,
    ),
    '',
    '| in a project file | as it is shown | value |',
    '|---|---|---|',
    ...names.flatMap((name) => functionWords[name].examples.map(exampleLine)),
  ]
}

function exampleLine(code: string): string {
  const { expression } = new Function('col', 'when', `return ${code}`)(col, when) as { readonly expression: Expression }
  const { type } = typeOfExpression(expression, schema)
  return `| \`${code}\` | \`${describeExpression(expression)}\` | ${shown(valueOverRow(expression), type)} |`
}

/** The value over the row of the page. */
function valueOverRow(expression: Expression): Value {
  const dictionary = createDictionary()
  const columns = Object.values(row).map(([, value]) =>
    Float64Array.of(typeof value === 'string' ? dictionary.encode(value) : Number(value ?? Number.NaN)),
  )
  const value = compileExpression(expression, schema, dictionary)(columns, 0)
  if (Number.isNaN(value)) return null
  const { type } = typeOfExpression(expression, schema)
  return type === 'string' ? dictionary.decode(value) : type === 'bool' ? value === 1 : value
}

function rowTable(): readonly string[] {
  const shownOf = ([{ type, scale = 0 }, value]: (typeof row)[string]): string =>
    type === 'decimal' ? `\`${(Number(value) / 10 ** scale).toFixed(scale)}\`` : shown(value, type)
  return [
    '| column | type | value |',
    '|---|---|---|',
    ...Object.entries(row).map(
      ([name, cell]) =>
        `| \`${name}\` | ${cell[0].type}${cell[0].scale === undefined ? '' : `(${cell[0].scale})`} | ${shownOf(cell)} |`,
    ),
  ]
}

function operatorTable(): readonly string[] {
  const strengths = [...new Set(Object.values(operators).map(([, strength]) => strength))].sort((a, b) => b - a)
  const signs = (wanted: number): string =>
    Object.entries(operators)
      .flatMap(([sign, [, strength]]) => (strength === wanted ? [`\`${sign}\``] : []))
      .join(', ')
  return [
    '| | |',
    '|---|---|',
    '| `not`, `-` before a value | applied first |',
    ...strengths.map((strength) => `| ${signs(strength)} | ${operatorNames(strength)} |`),
    '',
  ]
}

function operatorNames(wanted: number): string {
  return [...new Set(Object.values(operators).flatMap(([name, strength]) => (strength === wanted ? [name] : [])))].join(
    ', ',
  )
}

function functionsOfFormulas(): string {
  const written = new Set([...keywords, ...Object.values(operators).map(([name]) => name)])
  const called = plainFunctions.filter((name) => !written.has(name)).map((name) => `\`${name}\``)
  return `Of the functions above ${called.join(', ')} are called by their names, \`maximum(a, b)\`; those of the calendar are not for formulas. These are
for formulas alone, and null where an argument is, but for \`if\`. The row of the examples is

\`\`\`json
${JSON.stringify(sent)}
\`\`\`
`
}

function formulaTable(): readonly string[] {
  const line = (name: string, { gives, examples }: Omit<Words, 'section'>, takes: string): string[] =>
    examples.map((formula, place) => {
      const value = evaluateFormula(parseFormula(formula), sent)
      const about = place === 0 ? `**${name}** | ${takes} | ${gives}` : ' | |'
      return `| ${about} | \`${formula}\` | ${shown(value, 'number')} |`
    })
  return [
    '| | takes | gives | example | value |',
    '|---|---|---|---|---|',
    ...Object.entries(textFunctions).flatMap(([name, { takes }]) => {
      const words = formulaWords[name]
      if (words === undefined) throw new Error(`scripts/expression-words.ts says nothing of '${name}'.`)
      return line(name, words, takes)
    }),
  ]
}

function shown(value: Value, type: string): string {
  if (value === null) return 'null'
  return `\`${type === 'timestamp' ? formatTime(Number(value)) : JSON.stringify(value)}\``
}
