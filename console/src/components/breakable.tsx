import { Fragment, type ReactNode } from 'react'

const LONG = 24
/** Whole characters, and what is combined with them. */
const LENGTHS = /(?:\P{M}\p{M}*){1,16}/gu

/** A text whose long identifiers may break after an underscore or a dot, in place of anywhere; what has none, where it must. */
export function breakable(text: string): ReactNode {
  return text.split(/(?<=\s)/).map((word, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the words of a text have no other identity
    <Fragment key={index}>{word.length < LONG ? word : broken(word)}</Fragment>
  ))
}

function broken(word: string): ReactNode {
  return piecesOf(word).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}

/** Where a long word may break: behind underscores and dots, before capitals where a part is long without, and else by length. */
export function piecesOf(word: string): readonly string[] {
  return word
    .split(/(?<=[_.])/)
    .flatMap((part) => (part.length < LONG ? [part] : part.split(/(?<=\p{Ll})(?=\p{Lu})/u)))
    .flatMap((part) => (part.length < LONG ? [part] : (part.match(LENGTHS) ?? [part])))
}
