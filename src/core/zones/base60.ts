/**
 * A number as moment-timezone packs it: base 60 with the digits 0-9, a-x, A-X, a sign, and a fraction after a point.
 * @param text such as `-5O.A`
 */
export function fromBase60(text: string): number {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  let value = 0
  for (const digit of whole) value = value * 60 + digitOf(digit)
  let scale = 1
  for (const digit of fraction) {
    scale /= 60
    value += digitOf(digit) * scale
  }
  return text.startsWith('-') ? -value : value
}

function digitOf(digit: string): number {
  const code = digit.charCodeAt(0)
  if (code > 96) return code - 87
  return code > 64 ? code - 29 : code - 48
}
