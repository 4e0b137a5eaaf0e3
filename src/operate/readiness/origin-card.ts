import type { CardSection } from './decision-card.ts'

/** What an evaluation says of where its model came from; of one that was trained here nothing. */
export interface JudgedOrigin {
  /** Rows of the test. */
  readonly rows?: number
  readonly imported?: {
    /** Digest of the file. */
    readonly file: string
    /** What it was called, or where it was logged. */
    readonly from?: string
    readonly writtenBy?: string
    /** What is said of it elsewhere. */
    readonly claimed?: Readonly<Record<string, number>>
  }
}

/** What is known of a version that was trained elsewhere: its file, and on what it was evaluated here. None of one that was trained here. */
export function originCard({ rows, imported }: JudgedOrigin): readonly CardSection[] {
  if (imported === undefined) return []
  const { file, from = file, writtenBy, claimed = {} } = imported
  const by = writtenBy === undefined ? '' : `, written by ${writtenBy}`
  const said = Object.entries(claimed).map(([name, value]) => `${name} ${value}`)
  return [
    {
      title: 'Where it comes from',
      lines: [
        `Imported from ${from}${by}. It was not trained here: on what it was is not known.`,
        ...(rows === undefined ? [] : [`Evaluated here on ${rows.toLocaleString('en')} rows of the test.`]),
        ...(said.length === 0 ? [] : [`Said of it elsewhere, and not measured here: ${said.join(', ')}.`]),
      ],
    },
  ]
}
