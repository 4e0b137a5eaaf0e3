import type { PlaceWord } from './source-page.ts'

/** Where a row stands in its file, such as `Line 7`; undefined where that cannot be told. */
export function placeWords(word: PlaceWord | undefined, place: number | undefined): string | undefined {
  return word === undefined || place === undefined ? undefined : `${word} ${place}`
}

/** A reason that begins with where its row stands; as it is where that cannot be told. */
export function placed(reason: string, words: string | undefined): string {
  return words === undefined ? reason : `${words}: ${reason}`
}
