import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import {
  canvases,
  cutSideways,
  type Look,
  layoutShift,
  openPage,
  overflows,
  screenshot,
  shownText,
  type WatchedPage,
  waitForAddress,
} from './page-checks.ts'
import { HEALTH_PAGES, states } from './states.ts'
import { recordStates } from './states-records.ts'
import { expect, expectEqual, expectPart, type Walk } from './walk.ts'
import { walkRecords } from './walk-records.ts'

const large: Look = { width: 1440, height: 900, scheme: 'light' }
const dark: Look = { width: 1440, height: 900, scheme: 'dark' }
const small: Look = { width: 1024, height: 768, scheme: 'light' }
const HEALTH = `${HEALTH_PAGES}late_flight`

/** Walks every state that the console must show well, over generated data. */
export async function walkFixture(walk: Walk): Promise<void> {
  await walkStates(walk)
  await walkFleet(walk)
  await walkRetraining(walk)
  await walkRecords(walk)
  await walkApi(walk)
  await walkStrips(walk)
  await walkKeyboard(walk)
  await walkLive(walk)
  await walkProblems(walk)
}

async function walkStates({ browser, url, check }: Walk): Promise<void> {
  for (const [name, place, words] of [...states, ...recordStates]) {
    // A page with nothing on it, or one problem, looks alike in every theme.
    const looks = place !== '' && (name === 'empty' || place.endsWith('b21')) ? { small } : { large, dark, small }
    for (const [size, look] of Object.entries(looks)) {
      const page =
        place === '' ? 'fleet' : place.startsWith(HEALTH_PAGES) ? 'health' : place.slice(2).replaceAll(/\W+/g, '-')
      await check(`${name}, ${page}, ${size}`, async () => {
        const opened = await open(browser, `${url}/${name}/${place}`, look)
        const text = await shownText(opened.page, 'body')
        for (const word of words) expectPart(text, word, 'the words on the page')
        expectEqual(await overflows(opened.page), false, 'the page is wider than the window')
        if (page === 'health' && name !== 'no-data') {
          const { total, blank } = await canvases(opened.page)
          expect(total >= 14, `at least 14 canvases, found ${total}`)
          expectEqual(blank, 0, 'canvases without paint')
        }
        await screenshot(opened.page, `${name}-${page}-${size}`)
        await finish(opened)
      })
    }
  }
}

async function walkFleet({ browser, url, check }: Walk): Promise<void> {
  await check('the fleet lists models worst first, and leads to them by keyboard', async () => {
    const opened = await open(browser, `${url}/months/?`, large)
    const { page } = opened
    const order = await page.locator('section', { hasText: 'worst first' }).locator('tbody .name').allInnerTexts()
    expectEqual(order.join(), 'late_flight,missed_connection,turnaround_minutes', 'the order of the models')
    await tabTo(page, 'late_flight')
    await page.keyboard.press('Enter')
    await page.getByRole('slider').waitFor()
    expectEqual(await page.evaluate('document.activeElement.tagName'), 'MAIN', 'the focus after going to a page')
    expectPart(await page.title(), 'late_flight: warning', 'the title of the window')
    await page.goBack()
    await page.getByRole('heading', { name: 'Models', exact: true }).waitFor()
    await finish(opened)
  })
  await check('the catalogue is found from the fleet, searched by typing, and leads to a feature', async () => {
    const opened = await open(browser, `${url}/months/?`, large)
    const { page } = opened
    await page.getByRole('link', { name: 'Catalogue of features' }).click()
    await page.getByRole('searchbox', { name: 'Find' }).fill('share 24h carrier')
    await waitForAddress(page, /search=share\+24h\+carrier/)
    await page.getByText('1 by name').waitFor()
    await page.getByRole('link', { name: 'departures_by_carrier.share_late_24h' }).click()
    await page.getByRole('heading', { name: 'Values in training' }).waitFor()
    expectPart(await page.title(), 'departures_by_carrier.share_late_24h', 'the title of the window')
    await finish(opened)
  })
  await check('a shared link keeps zone and range', async () => {
    const place = `${HEALTH}?from=2001-04-20T00:00:00Z&to=2001-05-02T00:00:00Z&zone=America/Chicago&at=2001-04-23T20:00:00Z`
    const opened = await open(browser, `${url}/months/${place}`, large)
    const { page } = opened
    const text = await shownText(page, 'body')
    expectPart(text, '19 Apr 2001 19:00 – 1 May 2001 19:00 America/Chicago', 'the range in the zone')
    expectPart(text, '23 Apr 2001 15:00', 'the time that is held')
    await page.getByLabel('Times in').selectOption('UTC')
    expectPart(await shownText(page, 'body'), '20 Apr 2001 00:00 – 2 May 2001 00:00', 'the range in UTC')
    await waitForAddress(page, /from=2001-04-20T00%3A00%3A00Z(?!.*zone=)/)
    await screenshot(page, 'zoomed-large')
    await finish(opened)
  })
  await check('the theme can be chosen, and is remembered', async () => {
    const opened = await open(browser, `${url}/months/`, large)
    const { page } = opened
    await page.getByLabel('Theme').selectOption('dark')
    const ground = 'getComputedStyle(document.body).backgroundColor'
    const chosen = await page.evaluate(ground)
    await page.reload()
    await page.getByRole('heading', { name: 'Models', exact: true }).waitFor()
    expectEqual(await page.evaluate(ground), chosen, 'the ground after a reload')
    expectEqual(chosen, 'rgb(15, 17, 19)', 'the dark ground')
    await finish(opened)
  })
}

async function walkRetraining({ browser, url, check }: Walk): Promise<void> {
  await check('what triggers led to is paged by the server, and narrowed by keyboard', async () => {
    const opened = await open(browser, `${url}/months/#/retraining`, large)
    const { page } = opened
    const decided = page.locator('section', { hasText: 'What triggers led to' })
    await decided.getByRole('button', { name: 'Next' }).focus()
    await page.keyboard.press('Enter')
    await decided.getByText('page 2').waitFor()
    await page.getByRole('button', { name: 'trainings' }).focus()
    await page.keyboard.press('Enter')
    await waitForAddress(page, /runs=true/)
    await decided.getByText('page 2').waitFor({ state: 'detached' })
    await page.getByLabel('Model').selectOption('late_flight')
    await waitForAddress(page, /model=late_flight/)
    await page.getByText('trueline retraining history late_flight --runs').waitFor()
    await finish(opened)
  })
  await check('a comparison of policies is found from retraining, read by keyboard, and saved', async () => {
    const opened = await open(browser, `${url}/months/#/retraining`, large)
    const { page } = opened
    const compared = page.locator('section', { hasText: 'Policies compared over history' })
    await compared.getByRole('button', { name: 'Next' }).click()
    await compared.getByText('page 2').waitFor()
    await compared.getByRole('link', { name: '7', exact: true }).click()
    await waitForAddress(page, /#\/simulations\/7$/)
    const slider = page.getByRole('slider')
    await slider.focus()
    await page.keyboard.press('Home')
    const said = (await slider.getAttribute('aria-valuetext')) ?? ''
    expectPart(
      said,
      /never AUC \.\d{3}, monthly AUC \.\d{3}, weekly AUC \.\d{3}, on-drift AUC \.\d{3}$/,
      'the first week',
    )
    expectEqual((await canvases(page)).blank, 0, 'canvases without paint')
    expectEqual(await page.locator('.strips h3').count(), 4, 'strips')
    const waiting = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download weekly as CSV' }).click()
    const text = readFileSync(await (await waiting).path(), 'utf8')
    expectEqual(text.trimEnd().split('\r\n').length - 1, 20, 'rows')
    expectEqual(await page.title(), 'Simulation 7 · Trueline', 'the title of the window')
    await finish(opened)
  })
  await check('what served is asked for a time, in the zone that is chosen', async () => {
    const opened = await open(browser, `${url}/months/#/registry/late_flight?zone=America/Chicago`, large)
    const { page } = opened
    await page.getByLabel('At', { exact: true }).fill('2001-04-09T19:00')
    await page.getByRole('button', { name: 'Show' }).click()
    await waitForAddress(page, /served=2001-04-10T00%3A00%3A00Z/)
    await page.getByText('at 9 Apr 2001 19:00 America/Chicago').waitFor()
    await page.getByRole('button', { name: 'Now' }).click()
    await page.locator('section', { hasText: 'What served' }).getByText('now', { exact: true }).waitFor()
    await finish(opened)
  })
  await check('readiness is found from the top, and leads to the model, its evidence and its version', async () => {
    const opened = await open(browser, `${url}/months/?`, large)
    const { page } = opened
    await page.getByRole('link', { name: 'Readiness', exact: true }).click()
    await page.locator('tbody').getByRole('link', { name: 'late_flight' }).click()
    await waitForAddress(page, /#\/readiness\/late_flight$/)
    await page.getByRole('heading', { name: 'To operate it', exact: true }).waitFor()
    expectEqual(await page.locator('tbody tr').count(), 12, 'requirements')
    expectEqual(await page.title(), 'late_flight · Readiness · Trueline', 'the title of the window')
    await page.getByRole('link', { name: 'latency tested under load' }).click()
    await page.getByRole('heading', { name: 'Promises', exact: true }).waitFor()
    await finish(opened)
  })
  for (const [what, phone] of [
    ['a telephone', { width: 390, height: 844, scheme: 'light' }],
    ['a laptop at twice the size', { width: 720, height: 450, scheme: 'light' }],
  ] as const)
    await check(`no page is wider than ${what}, and nothing is cut at its side`, async () => {
      const places = ['', '#/models/late_flight', '#/features', '#/deadletters', '#/streams/departures', '#/api']
      const more = [
        '#/retraining',
        '#/registry',
        '#/registry/late_flight',
        '#/registry/late_flight/8',
        '#/registry/late_flight/1',
        '#/operations',
        '#/readiness',
      ]
      const opened = await open(browser, `${url}/months/`, phone)
      for (const place of [
        ...places,
        ...more,
        '#/readiness/late_flight',
        '#/sources',
        '#/sources/arrivals_feed',
        '#/features/departures_by_origin.mean_delay_3h',
        '#/alerts',
        '#/alerts/alert-003',
        '#/audit',
        '#/predictions',
        '#/predictions/p4gm-3',
        '#/batches/b22',
        '#/load-tests/22',
        '#/simulations/3',
        '#/decisions',
      ]) {
        await opened.page.goto(`${url}/months/${place}`)
        await opened.page.locator('.panel').first().waitFor()
        await opened.page.waitForFunction('document.body.innerText.includes("Reading the") === false')
        expectEqual(await overflows(opened.page), false, `${place} is wider than the window`)
        expectEqual((await cutSideways(opened.page)).join(), '', `what of ${place} is cut at the side`)
        if (more.includes(place)) await screenshot(opened.page, `${phone.width}-${place.slice(2).replaceAll('/', '-')}`)
      }
      await finish(opened)
    })
}

async function walkApi({ browser, url, check }: Walk): Promise<void> {
  await check('the API is found from the fleet, and its operations open and close by keyboard', async () => {
    const opened = await open(browser, `${url}/months/?`, large)
    const { page } = opened
    await page.getByRole('link', { name: 'How each is asked' }).click()
    const operation = page.getByRole('button', { name: /^POST .*late_flight/ })
    await operation.focus()
    await page.keyboard.press('Enter')
    await waitForAddress(page, /operation=predict_late_flight/)
    await page.getByText('rows[].distance_mi').waitFor()
    expectEqual(await operation.getAttribute('aria-expanded'), 'true', 'the operation is open')
    await page.keyboard.press('Enter')
    await waitForAddress(page, /#\/api$/)
    expectEqual(await page.getByText('rows[].distance_mi').count(), 0, 'the members of a closed operation')
    expectPart(await page.title(), 'API', 'the title of the window')
    await finish(opened)
  })
}

async function walkStrips({ browser, url, check }: Walk): Promise<void> {
  await check('the pointer reads, holds and zooms', async () => {
    const opened = await open(browser, `${url}/months/${HEALTH}`, large)
    const { page } = opened
    const box = await page.getByRole('slider').boundingBox()
    expect(box !== null, 'the strips can be pointed at')
    expectEqual(await shownText(page, '.axis .readout'), 'latest', 'the readout before pointing')
    const moved = await layoutShift(page)
    await page.mouse.move(box.x, box.y + 100)
    await page.mouse.move(box.x + box.width - 1, box.y + 100, { steps: 40 })
    await page.waitForTimeout(100)
    expectEqual((await layoutShift(page)) - moved < 0.001, true, 'nothing moves under the pointer')
    await page.mouse.move(box.x + box.width / 2, box.y + 100)
    expectPart(await shownText(page, '.axis .readout'), '16 Apr 2001 16:', 'the readout at the middle')
    await screenshot(page, 'pointed-large')
    await page.mouse.click(box.x + box.width / 2, box.y + 100)
    await waitForAddress(page, /at=2001-04-16/)
    await page.mouse.move(0, 0)
    expectPart(await shownText(page, '.axis .readout'), '16 Apr 2001', 'the held time stays')
    await page.mouse.move(box.x + box.width * 0.25, box.y + 100)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 100, { steps: 4 })
    await page.mouse.up()
    await waitForAddress(page, /from=2001-03-10.*to=2001-04-16/)
    await page.locator('.rangebar', { hasText: '10 Mar 2001' }).waitFor()
    await page.goBack()
    await page.locator('.rangebar', { hasText: '1 Feb 2001' }).waitFor()
    await finish(opened)
  })
  await check('features are paged by the server and open to their measures', async () => {
    const opened = await open(browser, `${url}/months/${HEALTH}`, large)
    const { page } = opened
    const next = page.locator('.stack').getByRole('button', { name: 'Next' })
    await next.click()
    await page.getByText('11–20 of 34').waitFor()
    await waitForAddress(page, /offset=10/)
    await page.locator('.strip.feature button').first().click()
    await page.getByText('Jensen-Shannon distance').waitFor()
    await waitForAddress(page, /feature=/)
    await finish(opened)
  })
  await check('every strip can be saved as CSV', async () => {
    const opened = await open(browser, `${url}/months/${HEALTH}`, large)
    const { page } = opened
    const lines = { Releases: 7, Alerts: 6, Service: 598, 'Data drift': 34 * 150, Predictions: 150, Outcomes: 150 }
    for (const [strip, rows] of Object.entries(lines)) {
      const waiting = page.waitForEvent('download')
      await page.getByRole('button', { name: `Download ${strip} as CSV` }).click()
      const download = await waiting
      const text = readFileSync(await download.path(), 'utf8')
      expectEqual(text.trimEnd().split('\r\n').length - 1, rows, `rows of ${download.suggestedFilename()}`)
    }
    await finish(opened)
  })
}

async function walkKeyboard({ browser, url, check }: Walk): Promise<void> {
  await check('the keyboard moves, holds and zooms', async () => {
    const opened = await open(browser, `${url}/months/${HEALTH}`, large)
    const { page } = opened
    const slider = page.getByRole('slider')
    await slider.focus()
    const said = async (): Promise<string> => (await slider.getAttribute('aria-valuetext')) ?? ''
    expectPart(await said(), 'Latest: v7 serves', 'what is said before moving')
    await page.keyboard.press('ArrowLeft')
    expectPart(await said(), '30 Jun 2001 03:24 UTC', 'one window back')
    await page.keyboard.press('PageDown')
    expectPart(await said(), '27 Jun 2001 15:24 UTC', 'ten windows back')
    expectPart(await said(), /AUC \.\d{3} \(\.\d{3}–\.\d{3}\), mature/, 'the AUC with its interval')
    await page.keyboard.press('Home')
    expectPart(await said(), '1 Feb 2001 00:00 UTC: v2 serves', 'the start')
    await page.keyboard.press('Enter')
    await waitForAddress(page, /at=2001-02-01/)
    await page.keyboard.press('Escape')
    await waitForAddress(page, /late_flight$/)
    await page.keyboard.press('+')
    await waitForAddress(page, /from=2001-03/)
    await page.keyboard.press('0')
    await waitForAddress(page, /late_flight\?range=all$/)
    await finish(opened)
  })
  await check('a command is copied', async () => {
    const opened = await open(browser, `${url}/months/${HEALTH}`, large)
    const { page } = opened
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy the command: trueline features audit' }).click()
    expectEqual(await page.evaluate('navigator.clipboard.readText()'), 'trueline features audit', 'the clipboard')
    await finish(opened)
  })
}

async function walkLive({ browser, url, check }: Walk): Promise<void> {
  await check('a rehearsal goes on every second, and nothing jumps', async () => {
    const opened = await open(browser, `${url}/rehearsal/${HEALTH}`, large)
    const { page } = opened
    const before = await shownText(page, '.clock')
    const moved = await layoutShift(page)
    await page.waitForTimeout(3_500)
    expect((await shownText(page, '.clock')) !== before, 'the clock of the rehearsal goes on')
    const jumped = (await layoutShift(page)) - moved
    expect(jumped < 0.005, `nothing jumps while the page is live; the score is ${jumped}`)
    await finish(opened)
  })
  await check('when the platform falls silent, what was read stays', async () => {
    const opened = await open(browser, `${url}/rehearsal/${HEALTH}`, large)
    const { page } = opened
    await page.route('**/api/**', (route) => route.abort('connectionrefused'))
    await page.getByText('What is shown was read before.').waitFor()
    expectPart(await shownText(page, '.live'), 'trueline up', 'the remedy')
    expectEqual(await page.getByRole('slider').isVisible(), true, 'the strips stay')
    await screenshot(page, 'silent-large')
    await page.setViewportSize({ width: 390, height: 844 })
    const cut = `(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)(document.querySelector('.live .said'))`
    expectEqual(await page.evaluate(cut), false, 'the remedy is cut on a telephone')
    expectEqual(await overflows(page), false, 'the page is wider than the window')
    await page.unroute('**/api/**')
    await page.getByText('Rehearsal, playing').waitFor()
    await opened.close()
  })
  await check('the back button leads to the page of a table that was left', async () => {
    const opened = await open(browser, `${url}/months/#/deadletters`, large)
    const { page } = opened
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText(/^21–\d+ of/).waitFor()
    await waitForAddress(page, /offset=20/)
    await page.locator('tbody a[href^="#/deadletters/"]').first().click()
    await waitForAddress(page, /#\/deadletters\/\d+$/)
    await page.goBack()
    await page.getByText(/^21–\d+ of/).waitFor()
    await page.goto(`${url}/months/#/predictions`)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('page 2').waitFor()
    await page.locator('tbody a.name').first().click()
    await waitForAddress(page, /#\/predictions\/p4gm-\d+$/)
    await page.goBack()
    await page.getByText('page 2').waitFor()
    await page.getByRole('button', { name: 'Previous' }).click()
    await page.getByText('page 1').waitFor()
    await finish(opened)
  })
  await check('what is read once is read when the platform is back', async () => {
    const opened = await openPage(browser, `${url}/months/#/decisions`, large)
    const { page } = opened
    await page.getByText('rules by hand are in force').waitFor()
    await page.route('**/api/**', (route) => route.abort('connectionrefused'))
    await page.goto(`${url}/months/#/predictions/p4gm-3`)
    await page.getByText('p4gm-3 cannot be shown.').waitFor()
    await page.unroute('**/api/**')
    await page.getByRole('heading', { name: 'What moved the score' }).waitFor()
    await page.getByText('+.6200').waitFor()
    await opened.close()
  })
}

async function walkProblems({ browser, url, check }: Walk): Promise<void> {
  await check('a page that breaks says so, and the others are none the worse', async () => {
    const opened = await openPage(browser, `${url}/months/`, small)
    const { page } = opened
    await page.route('**/api/v1/alerts/alert-003', (route) => route.fulfill({ json: { id: 'alert-003' } }))
    await page.goto(`${url}/months/#/alerts/alert-003`)
    await page.getByText('This page cannot be shown').waitFor()
    await page.getByRole('link', { name: 'Audit log', exact: true }).click()
    await page.getByRole('heading', { name: 'Acts', exact: true }).waitFor()
    await opened.close()
  })
  const problems: readonly (readonly [name: string, place: string, words: readonly string[]])[] = [
    ['failing', '/failing/', ['The fleet cannot be read', 'log_unavailable', 'Free space on the disk']],
    [
      'unknown-model',
      '/months/#/models/late_fligth',
      ["There is no model 'late_fligth'", 'unknown_model', 'trueline models'],
    ],
    ['unknown-page', '/months/#/nowhere', ['There is no page at this address']],
  ]
  for (const [name, place, words] of problems) {
    await check(`${name}: what happened, its code, and what to do`, async () => {
      const opened = await openPage(browser, `${url}${place}`, small)
      await opened.page.getByText(words[0] as string).waitFor()
      const text = await shownText(opened.page, 'main')
      for (const word of words) expectPart(text, word, 'the words on the page')
      await screenshot(opened.page, `${name}-small`)
      await opened.close()
    })
  }
}

async function open(browser: Browser, address: string, look: Look): Promise<WatchedPage> {
  const opened = await openPage(browser, address, look)
  await opened.page
    .getByRole(address.includes('#/models/') ? 'slider' : address.includes('#/api') ? 'list' : 'table')
    .or(opened.page.locator('.empty, .problem'))
    .first()
    .waitFor()
  // Both tables and the strips have their own readings.
  await opened.page.waitForFunction('document.body.innerText.includes("Reading the") === false')
  return opened
}

async function finish({ troubles, close }: WatchedPage): Promise<void> {
  await close()
  expectEqual(troubles.join('\n'), '', 'errors of the page')
}

async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate('document.activeElement.textContent')) === text) return
  }
  throw new Error(`Tab does not reach '${text}'`)
}
