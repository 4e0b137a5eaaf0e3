import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'

const screenshots = join(import.meta.dirname, '../../artifacts/screenshots')

const MOST_WAIT = 10_000

/** How a page is opened: the size of its window and the theme that the machine prefers. */
export interface Look {
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
}

/** A page that remembers what went wrong in it. */
export interface WatchedPage {
  readonly page: Page
  /** Errors of the console, errors that were thrown, and requests that failed or were refused. */
  readonly troubles: string[]
  close(): Promise<void>
}

/** Opens an address, and watches for errors and failed requests. */
export async function openPage(browser: Browser, address: string, look: Look): Promise<WatchedPage> {
  const context: BrowserContext = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    colorScheme: look.scheme,
    acceptDownloads: true,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(MOST_WAIT)
  const troubles: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`thrown: ${error.message}`))
  page.on('requestfailed', (request) => {
    // A reading that a newer one overtook is let go by the page itself.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') troubles.push(`failed: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`HTTP ${response.status()}: ${response.url()}`)
  })
  await page.addInitScript({ content: watchLayout })
  await page.goto(address)
  return { page, troubles, close: () => context.close() }
}

// Runs in the browser, whose types are not those of the tests: adds up how far things moved without being asked to.
const watchLayout = `{
  globalThis.layoutShifts = { sum: 0 }
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.layoutShifts.sum += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
}`

/** How far the page has moved by itself since it was opened, as the browser scores it: 0 is not at all. */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate('globalThis.layoutShifts.sum')
}

/** The number of canvases on the page, and of those on which nothing is painted. */
export function canvases(page: Page): Promise<{ total: number; blank: number }> {
  return page.evaluate(`(() => {
    const all = [...document.querySelectorAll('canvas')]
    const painted = (canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      return data.some((value, index) => index % 4 === 3 && value > 0)
    }
    return { total: all.length, blank: all.filter((canvas) => !painted(canvas)).length }
  })()`)
}

/** Whether something reaches over the right edge of the window. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}

/** Tables and panels of which a part is hidden until somebody moves them sideways: the head of each. */
export function cutSideways(page: Page): Promise<readonly string[]> {
  return page.evaluate(`[...document.querySelectorAll('.tablebox, .panel, .strips')]
    .filter((box) => box.scrollWidth > box.clientWidth + 1)
    .map((box) => box.querySelector('caption, h2')?.textContent ?? box.className)`)
}

/** The text of the first element that the selector finds, as it is shown. */
export function shownText(page: Page, selector: string): Promise<string> {
  return page.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`)
}

/** Saves the whole page as `artifacts/screenshots/NAME.png`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true })
}

/** Waits until the address of the page is as the pattern says. */
export async function waitForAddress(page: Page, pattern: RegExp): Promise<void> {
  await page.waitForURL((address) => pattern.test(address.href))
}
