// Writes orders.csv and returns.csv: five months of an imaginary shop, the same every time.   node make-data.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FIRST_DAY = Date.UTC(2025, 0, 1)
const DAY = 86_400_000
const DAYS = 151
const ORDERS_PER_DAY = 40
const CUSTOMERS = 300
const PRODUCTS = 40

/** A seeded generator of numbers in [0, 1) (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Shop {
  readonly orders: string
  readonly returns: string
}

/** Both files as text. A quarter of the customers and a fifth of the products send much, or come, back. */
export function makeShop(): Shop {
  const random = generator(2025)
  const sendsBack = Array.from({ length: CUSTOMERS }, () => random() < 0.25)
  const fitsBadly = Array.from({ length: PRODUCTS }, () => random() < 0.2)
  const price = Array.from({ length: PRODUCTS }, () => 10 + Math.floor(random() * 90))
  const orders: string[] = []
  const returns: { at: number; line: string }[] = []
  for (let number = 0; number < DAYS * ORDERS_PER_DAY; number += 1) {
    const at = FIRST_DAY + Math.floor((number / ORDERS_PER_DAY) * DAY)
    // Squared: few customers buy much and many buy little.
    const customer = Math.floor(random() ** 2 * CUSTOMERS)
    const product = Math.floor(random() * PRODUCTS)
    const items = 1 + Math.floor(random() ** 3 * 5)
    const amount = items * (price[product] as number)
    const who = [`O${pad(number, 5)}`, `C${pad(customer, 3)}`, `P${pad(product, 2)}`].join()
    orders.push(`${who},${items},${amount},${timeText(at)}`)
    const chance = 0.03 + (sendsBack[customer] ? 0.42 : 0) + (fitsBadly[product] ? 0.25 : 0) + (items > 2 ? 0.05 : 0)
    const comesBack = random() < chance
    const later = at + Math.floor((2 + random() * 16) * DAY)
    if (comesBack) returns.push({ at: later, line: `${who},${amount},${timeText(later)}` })
  }
  returns.sort((a, b) => a.at - b.at)
  return {
    orders: `order,customer,product,items,amount,ordered_at\n${orders.join('\n')}\n`,
    returns: `order,customer,product,refund,returned_at\n${returns.map(({ line }) => line).join('\n')}\n`,
  }
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0')
}

function timeText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}

if (process.argv[1] === import.meta.filename) {
  const { orders, returns } = makeShop()
  writeFileSync(join(import.meta.dirname, 'orders.csv'), orders)
  writeFileSync(join(import.meta.dirname, 'returns.csv'), returns)
}
