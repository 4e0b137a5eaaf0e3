import type { FunctionName } from '../src/language/expr/functions.ts'

/** What the reference of expressions says of a function, besides what the language's own table knows. */
export interface Words {
  readonly section: 'Arithmetic' | 'Comparisons' | 'Conditions' | 'Nulls and choices' | 'The calendar'
  readonly gives: string
  /** As a project file has them, over the row of the page. */
  readonly examples: readonly string[]
}

export const functionWords: Readonly<Record<FunctionName, Words>> = {
  add: {
    section: 'Arithmetic',
    gives: 'the sum',
    examples: ["col('quantity').add(2)", "col('weight').add(col('discount'))"],
  },
  subtract: {
    section: 'Arithmetic',
    gives: 'the difference; of two timestamps the microseconds from the second to the first, an int',
    examples: ["col('quantity').subtract(1)", "col('paid_at').subtract(col('ordered_at')).divide(60_000_000)"],
  },
  multiply: { section: 'Arithmetic', gives: 'the product', examples: ["col('price').multiply(col('quantity'))"] },
  divide: {
    section: 'Arithmetic',
    gives: 'the quotient, a number also of two ints; null where the divisor is 0',
    examples: ["col('price').divide(col('quantity'))", "col('quantity').divide(0)"],
  },
  abs: {
    section: 'Arithmetic',
    gives: 'the number without its sign',
    examples: ["col('quantity').subtract(7).abs()"],
  },
  minimum: { section: 'Arithmetic', gives: 'the smallest of them', examples: ["col('price').minimum(10)"] },
  maximum: { section: 'Arithmetic', gives: 'the largest of them', examples: ["col('price').maximum(col('quantity'))"] },

  gt: { section: 'Comparisons', gives: 'whether the first is greater', examples: ["col('price').gt(10)"] },
  gte: {
    section: 'Comparisons',
    gives: 'whether the first is greater, or they are the same',
    examples: ["col('paid_at').gte(col('ordered_at'))"],
  },
  lt: { section: 'Comparisons', gives: 'whether the first is less', examples: ["col('discount').lt(1)"] },
  lte: {
    section: 'Comparisons',
    gives: 'whether the first is less, or they are the same',
    examples: ["col('quantity').lte(4)"],
  },
  eq: {
    section: 'Comparisons',
    gives: 'whether they are the same; of texts, every letter',
    examples: ["col('status').eq('paid')", "col('status').eq('Paid')"],
  },
  ne: {
    section: 'Comparisons',
    gives: 'whether they differ',
    examples: ["col('status').ne('paid')", "col('note').ne('urgent')"],
  },
  between: {
    section: 'Comparisons',
    gives: 'whether the first lies from the second to the third, both included',
    examples: ["col('price').between(10, 12.5)"],
  },
  in: {
    section: 'Comparisons',
    gives: 'whether the first is one of the others',
    examples: ["col('status').in('paid', 'sent')", "col('quantity').in(1, 2)"],
  },

  and: {
    section: 'Conditions',
    gives: 'false where one is false; else null where one is null; else true',
    examples: [
      "col('price').gt(10).and(col('gift'))",
      "col('price').gt(10).and(col('insured'))",
      "col('gift').and(col('insured'))",
    ],
  },
  or: {
    section: 'Conditions',
    gives: 'true where one is true; else null where one is null; else false',
    examples: ["col('price').gt(10).or(col('insured'))", "col('gift').or(col('insured'))"],
  },
  not: { section: 'Conditions', gives: 'the opposite', examples: ["col('gift').not()", "col('insured').not()"] },

  isNull: {
    section: 'Nulls and choices',
    gives: 'whether it is null',
    examples: ["col('discount').isNull()", "col('price').isNull()"],
  },
  coalesce: {
    section: 'Nulls and choices',
    gives: 'the first that is not null',
    examples: ["col('discount').coalesce(0)", "col('note').coalesce('none')"],
  },
  if: {
    section: 'Nulls and choices',
    gives: 'the first value where the condition holds; where it does not, or is null, the second, or null without one',
    examples: [
      "when(col('price').gt(10), 'dear', 'cheap')",
      "when(col('insured'), 'insured', 'not that we know')",
      "when(col('gift'), col('price'))",
      "when(col('price').gt(20), 3, when(col('price').gt(10), 2, 1))",
    ],
  },

  hour: {
    section: 'The calendar',
    gives: 'the hour of the day, 0 to 23',
    examples: ["col('ordered_at').hour()", "col('ordered_at').hour('Asia/Tokyo')"],
  },
  minute: {
    section: 'The calendar',
    gives: 'the minute of the hour, 0 to 59',
    examples: ["col('ordered_at').minute('Asia/Kolkata')"],
  },
  dayOfWeek: {
    section: 'The calendar',
    gives: 'the day of the week: 1 is Monday, 7 is Sunday (ISO 8601)',
    examples: ["col('ordered_at').dayOfWeek()"],
  },
  dayOfMonth: {
    section: 'The calendar',
    gives: 'the day of the month, 1 to 31',
    examples: ["col('ordered_at').dayOfMonth('Asia/Tokyo')"],
  },
  month: { section: 'The calendar', gives: 'the month, 1 to 12', examples: ["col('ordered_at').month()"] },
}

/** Functions that only formulas have: what they give, and examples over the row as it came. */
export const formulaWords: Readonly<Record<string, Omit<Words, 'section'>>> = {
  trim: { gives: 'the text without white space at its ends', examples: ['trim(city)'] },
  lower: { gives: 'in small letters', examples: ['lower(trim(city))'] },
  upper: { gives: 'in capitals', examples: ['upper(currency)'] },
  length: { gives: 'how many UTF-16 units it has', examples: ['length(currency)'] },
  replace: { gives: 'the text with every `what` replaced', examples: ["replace(amount, ',', '.')"] },
  substring: {
    gives: 'a part of the text; all that follows without a third argument',
    examples: ['substring(ordered, 1, 10)', "concat(substring(ordered, 1, 10), 'T', substring(ordered, 12), ':00Z')"],
  },
  concat: { gives: 'the texts one after the other', examples: ["concat(currency, '-', text(quantity))"] },
  number: {
    gives: 'the number that is written; refuses a text that is none',
    examples: ["number(replace(amount, ',', '.')) * quantity"],
  },
  text: { gives: 'the value as text', examples: ['text(quantity)'] },
  time: {
    gives: 'the microseconds since 1970 of an ISO 8601 time; refuses a text that is none',
    examples: ["time(concat(ordered, ':00Z'))"],
  },
  if: {
    gives:
      'as above, of any types. Only the value that is chosen is computed, so that a refusal in the other does not matter',
    examples: ["if(amount = 'n/a', null, number(replace(amount, ',', '.')))", 'if(quantity > 1, currency)'],
  },
}
