/**
 * Order of two ids by their bytes in UTF-8: negative when `left` comes first. JavaScript compares UTF-16 code units,
 * which differ from it where one text has a surrogate pair and the other a character from U+E000 to U+FFFF.
 */
export function compareIds(left: string, right: string): number {
  if (left === right) return 0
  const shorter = Math.min(left.length, right.length)
  for (let index = 0; index < shorter; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return rankOfUnit(a) - rankOfUnit(b)
  }
  return left.length - right.length
}

/** Where a code unit comes: a surrogate stands for a character above U+FFFF, so it comes after every other. */
export function rankOfUnit(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x10000 : unit
}
