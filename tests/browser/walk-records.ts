import { type Look, openPage, screenshot, shownText, type WatchedPage, waitForAddress } from './page-checks.ts'
import { expect, expectEqual, expectPart, type Walk } from './walk.ts'

const large: Look = { width: 1440, height: 900, scheme: 'light' }
const phone: Look = { width: 390, height: 844, scheme: 'dark' }

/** Walks what is on record, by keyboard where that is the quicker way: sources, alerts, the audit log, predictions. */
export async function walkRecords({ browser, url, check }: Walk): Promise<void> {
  await check('a source is found from the top, and its runs are paged by the server', async () => {
    const opened = await openPage(browser, `${url}/months/?`, large)
    const { page } = opened
    await page.getByRole('link', { name: 'Sources', exact: true }).click()
    await page.getByRole('link', { name: 'flights', exact: true }).click()
    await waitForAddress(page, /#\/sources\/flights$/)
    const runs = page.locator('section', { hasText: 'kept for 90 days' })
    await runs.getByRole('cell', { name: '841', exact: true }).waitFor()
    await runs.getByRole('button', { name: 'Next' }).focus()
    await page.keyboard.press('Enter')
    await runs.getByRole('cell', { name: '821', exact: true }).waitFor()
    await runs.getByText('page 2').waitFor()
    expectEqual(await page.title(), 'flights · Sources · Trueline', 'the title of the window')
    await finish(opened)
  })
  await check('alerts of the past are narrowed by keyboard, and lead to one and its audit log', async () => {
    const opened = await openPage(browser, `${url}/months/?`, large)
    const { page } = opened
    await page.getByRole('link', { name: 'All alerts' }).click()
    await page.getByRole('button', { name: 'resolved' }).focus()
    await page.keyboard.press('Enter')
    await waitForAddress(page, /state=resolved/)
    await page.getByText('3 resolved, newest first').waitFor()
    await page.getByLabel('About').selectOption('stream/arrivals')
    await page.getByText('No such alert.').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByRole('link', { name: /^AUC .738/ }).click()
    await waitForAddress(page, /#\/alerts\/alert-005$/)
    await page.getByText('Looked after by').waitFor()
    await page.getByRole('link', { name: 'the strips of that time' }).click()
    await waitForAddress(page, /#\/models\/late_flight\?from=2001-05-23T00%3A00%3A00Z&to=2001-06-04/)
    await finish(opened)
  })
  await check('the audit log is searched by typing, paged by the server, and leads to what was done to', async () => {
    const opened = await openPage(browser, `${url}/months/#/audit?zone=America/Chicago`, large)
    const { page } = opened
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('page 2').waitFor()
    await page.getByLabel('Find').fill('rollback')
    await page.getByLabel('From', { exact: true }).fill('2001-01-31T18:00')
    await page.keyboard.press('Enter')
    await waitForAddress(page, /search=rollback&from=2001-02-01T00%3A00%3A00Z/)
    await page.getByText('page 2').waitFor({ state: 'detached' })
    expectPart(await shownText(page, 'tbody'), 'model.rollback', 'what was found')
    expectEqual(await page.getByLabel('From', { exact: true }).inputValue(), '2001-01-31T18:00', 'the time in the zone')
    await page.locator('tbody').getByRole('link', { name: 'late_flight' }).first().click()
    await waitForAddress(page, /#\/registry\/late_flight/)
    await finish(opened)
  })
  await check('a prediction is found by its entity, and leads to its explanation and its lineage', async () => {
    const opened = await openPage(browser, `${url}/months/#/predictions`, large)
    const { page } = opened
    await page.getByLabel('Row with').fill('flight=UA1104')
    await page.keyboard.press('Enter')
    await waitForAddress(page, /entity=flight%3DUA1104/)
    await page.getByRole('link', { name: 'p4gm-4', exact: true }).click()
    await page.getByRole('columnheader', { name: 'Moved it by' }).waitFor()
    await page
      .getByRole('row', { name: /^origin/ })
      .getByRole('link')
      .click()
    await waitForAddress(page, /entity=origin%3DORD/)
    await page.goBack()
    const lineage = page.getByRole('link', { name: 'its lineage' })
    expectPart((await lineage.getAttribute('href')) ?? '', 'of=prediction%3Ap4gm-4', 'the way to the lineage')
    await finish(opened)
  })
  await check('on a telephone all pages are behind one button', async () => {
    const opened = await openPage(browser, `${url}/months/#/alerts`, phone)
    const { page } = opened
    const audit = page.getByRole('link', { name: 'Audit log', exact: true })
    await page.getByRole('heading', { name: 'Alerts', exact: true }).waitFor()
    expectEqual(await audit.isVisible(), false, 'the pages before the button is pressed')
    await page.getByRole('button', { name: 'All pages' }).click()
    await screenshot(page, 'phone-pages')
    await audit.click()
    await page.getByRole('heading', { name: 'Acts', exact: true }).waitFor()
    expect(!(await audit.isVisible()), 'the pages close when one is chosen')
    await finish(opened)
  })
}

async function finish({ troubles, close }: WatchedPage): Promise<void> {
  await close()
  expectEqual(troubles.join('\n'), '', 'errors of the page')
}
