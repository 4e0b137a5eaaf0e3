import { Fragment, type ReactNode } from 'react'

const LONG = 24

/** A text whose long identifiers may break after an underscore or a dot, in place of anywhere. */
export function breakable(text: string): ReactNode {
  return text.split(/(?<=\s)/).map((word, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the words of a text have no other identity
    <Fragment key={index}>{word.length < LONG ? word : broken(word)}</Fragment>
  ))
}

function broken(word: string): ReactNode {
  return word.split(/(?<=[_.])/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}
