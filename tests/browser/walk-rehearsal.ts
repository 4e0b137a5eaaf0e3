import { openPage, screenshot, shownText } from './page-checks.ts'
import { expectEqual, expectPart, type Walk } from './walk.ts'

const look = { width: 1440, height: 900, scheme: 'light' } as const

/** Opens the fleet page while a rehearsal runs: it tells what is being done, and goes on by itself. */
export async function walkRehearsal({ browser, url, check }: Walk): Promise<void> {
  await check('rehearsal, fleet, live', async () => {
    const { page, troubles, close } = await openPage(browser, url, look)
    await page.getByRole('heading', { name: 'Models', exact: true }).waitFor()
    const progress = page.getByRole('progressbar').first()
    await progress.waitFor()
    const before = await progress.getAttribute('aria-valuenow')
    await page.waitForSelector(`[role=progressbar]:not([aria-valuenow="${before}"])`)
    expectPart(await shownText(page, 'h1'), 'late_flight', 'the sentence names the model')
    await screenshot(page, 'rehearsal-fleet')
    expectEqual(troubles.join('\n'), '', 'errors of the page')
    await close()
  })
}
