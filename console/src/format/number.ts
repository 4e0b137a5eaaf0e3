const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const oneDecimal = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const atMostTwo = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })
const threeDigits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 })
const MINUS = '−'

/** A count with separators: `1,204,112`. */
export function formatCount(count: number): string {
  return whole.format(count).replace('-', MINUS)
}

/** A rate that is read at a glance: one decimal below a hundred, none above: `18.4`, `412`. */
export function formatRate(value: number): string {
  return (Math.abs(value) < 99.95 && value !== 0 ? oneDecimal : whole).format(value).replace('-', MINUS)
}

/** A value at a tick of an axis, with as many decimals as it needs: two at most, and below one three digits: `20`, `2.5`, `0.005`. */
export function formatTick(value: number): string {
  return (Math.abs(value) < 1 ? threeDigits : atMostTwo).format(value).replace('-', MINUS)
}

/** A share, score or metric around one, without its leading zero: `.761`, `1.240`, `−.012`. */
export function formatScore(value: number, digits = 3): string {
  const text = Math.abs(value).toFixed(digits).replace(/^0\./, '.')
  return value < 0 && Number(text) !== 0 ? `${MINUS}${text}` : text
}

/** The name of a metric as a heading says it: `AUC`, `log loss`, `macro AUC`. */
export function metricWords(name: string): string {
  return name.replaceAll('_', ' ').replace(/\b(?:auc|rmse|mae)\b/g, (word) => word.toUpperCase())
}

/** A difference of scores, with its sign: `+.012`, `−.004`. */
export function formatSigned(value: number, digits = 3): string {
  const text = formatScore(value, digits)
  return value > 0 ? `+${text}` : text
}

/** A metric of any size: three decimals around one, four significant digits else: `.761`, `42.17`, `1,204`. */
export function formatMetric(value: number): string {
  if (Math.abs(value) < 10) return formatScore(value)
  return (Math.abs(value) < 1000 ? atMostTwo : whole).format(value).replace('-', MINUS)
}

/** An interval of scores: `.752–.770`. */
export function formatInterval(low: number, high: number): string {
  return `${formatScore(low)}–${formatScore(high)}`
}

/** A share as whole percent; what is not all is never shown as 100%: `92%`. */
export function formatPercent(share: number): string {
  const percent = Math.round(share * 100)
  if (percent === 100 && share < 1) return '99%'
  if (percent === 0 && share > 0) return '<1%'
  return `${percent}%`
}

/** Milliseconds with their unit: `8.2 ms`, `412 ms`, `1.3 s`; of less than a tenth two digits, as `0.081 ms`. */
export function formatMilliseconds(value: number): string {
  if (value > 0 && value < 0.095) return `${Number(value.toPrecision(2))} ms`
  if (value >= 1000) return `${oneDecimal.format(value / 1000)} s`
  return `${(value < 9.95 ? oneDecimal : whole).format(value)} ms`
}

/** A digest by its first twelve hex digits, without the name of the hash. */
export function formatDigest(digest: string): string {
  return digest.replace(/^[a-z0-9]+:/, '').slice(0, 12)
}
