import { seededRandom } from '../../core/random.ts'
import { DAY, formatTime, SECOND } from '../../core/time.ts'

const DAYS = 151
const ORDERS_PER_DAY = 40
const CUSTOMERS = 300
const PRODUCTS = 40

/** The files of the first model, as CSV. */
export interface ShopData {
  readonly orders: string
  readonly returns: string
}

/**
 * Five months of an imaginary shop: a quarter of the customers send much back, and a fifth of the products come back
 * often. What happens after the end is not known yet, so the newest orders lack some of their returns.
 * @param end where the months end, microseconds; the same end gives the same data
 */
export function makeShopData(end: number): ShopData {
  const random = seededRandom(2025)
  const sendsBack = Array.from({ length: CUSTOMERS }, () => random.next() < 0.25)
  const fitsBadly = Array.from({ length: PRODUCTS }, () => random.next() < 0.2)
  const price = Array.from({ length: PRODUCTS }, () => 10 + random.integer(90))
  const orders: string[] = []
  const returns: { at: number; line: string }[] = []
  for (let number = 0; number < DAYS * ORDERS_PER_DAY; number += 1) {
    const at = end + (number / ORDERS_PER_DAY - DAYS) * DAY
    // Squared: few customers buy much and many buy little.
    const customer = Math.floor(random.next() ** 2 * CUSTOMERS)
    const product = random.integer(PRODUCTS)
    const items = 1 + Math.floor(random.next() ** 3 * 5)
    const amount = items * price[product]!
    const who = [`O${pad(number, 5)}`, `C${pad(customer, 3)}`, `P${pad(product, 2)}`].join()
    orders.push(`${who},${items},${amount},${formatTime(at)}`)
    const chance = 0.03 + (sendsBack[customer] ? 0.42 : 0) + (fitsBadly[product] ? 0.25 : 0) + (items > 2 ? 0.05 : 0)
    const comesBack = random.next() < chance
    const later = at + wholeSeconds((2 + random.next() * 16) * DAY)
    if (comesBack && later < end) returns.push({ at: later, line: `${who},${amount},${formatTime(later)}` })
  }
  returns.sort((a, b) => a.at - b.at)
  return {
    orders: `order,customer,product,items,amount,ordered_at\n${orders.join('\n')}\n`,
    returns: `order,customer,product,refund,returned_at\n${returns.map(({ line }) => line).join('\n')}\n`,
  }
}

function wholeSeconds(microseconds: number): number {
  return Math.floor(microseconds / SECOND) * SECOND
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0')
}
