import type { Fleet } from '../../src/platform/api/contract.ts'
import { canvases, cutSideways, type Look, openPage, overflows, screenshot, shownText } from './page-checks.ts'
import { expect, expectEqual, expectPart, type Walk } from './walk.ts'

const looks: Readonly<Record<string, Look>> = {
  light: { width: 1440, height: 900, scheme: 'light' },
  dark: { width: 1440, height: 900, scheme: 'dark' },
  small: { width: 1024, height: 768, scheme: 'light' },
}

const phone: Look = { width: 390, height: 844, scheme: 'light' }

/** Walks the fleet, the API and a model of a running platform, whatever it holds: they show what its API says, and nothing goes wrong. */
export async function walkPlatform({ browser, url, check }: Walk): Promise<void> {
  const fleet = (await (await fetch(new URL('api/v1/fleet', url))).json()) as Fleet
  const [first] = fleet.models
  for (const [name, look] of Object.entries(looks)) {
    await check(`platform, fleet, ${name}`, async () => {
      const { page, troubles, close } = await openPage(browser, url, look)
      await page.getByRole('heading', { name: 'Models', exact: true }).waitFor()
      await page.waitForLoadState('networkidle')
      expect((await shownText(page, 'h1')).length > 0, 'the fleet page opens with a sentence')
      for (const model of fleet.models) {
        expectEqual(
          await page.getByRole('link', { name: model.name }).first().isVisible(),
          true,
          `a link to ${model.name}`,
        )
      }
      expectEqual(await overflows(page), false, 'the page is wider than the window')
      await screenshot(page, `platform-fleet-${name}`)
      expectEqual(troubles.join('\n'), '', 'errors of the page')
      await close()
    })
    await check(`platform, API, ${name}`, async () => {
      const { page, troubles, close } = await openPage(browser, new URL('#/api', url).href, look)
      await page.getByRole('heading', { name: 'Platform', exact: true }).waitFor()
      for (const model of fleet.models.filter(({ version }) => version !== undefined)) {
        const operation = page.getByRole('button', { name: new RegExp(`^POST .*${model.name}`) })
        await operation.click()
        await page.getByText('In the body, as JSON').waitFor()
        expectPart(await shownText(page, 'main'), 'rows[].', 'the columns of a row')
        await operation.click()
      }
      expectEqual(await overflows(page), false, 'the page is wider than the window')
      await screenshot(page, `platform-api-${name}`)
      expectEqual(troubles.join('\n'), '', 'errors of the page')
      await close()
    })
    await check(`platform, runs, ${name}`, async () => {
      const { page, troubles, close } = await openPage(browser, new URL('#/runs', url).href, look)
      await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
      await page.waitForLoadState('networkidle')
      const boxes = page.getByRole('checkbox')
      if ((await boxes.count()) > 1) {
        await boxes.nth(0).check()
        await boxes.nth(1).check()
        await page.getByRole('heading', { name: 'Comparison', exact: true }).waitFor()
        await page
          .getByRole('cell', { name: /(metric|parameter|data)$/ })
          .first()
          .waitFor()
      }
      const run = page.getByRole('link', { name: /^run-/ }).first()
      if (await run.isVisible()) {
        await run.click()
        await page.getByRole('heading', { name: 'On record', exact: true }).waitFor()
        await page.getByRole('heading', { name: 'Steps', exact: true }).waitFor()
        expectEqual(await overflows(page), false, 'the page of a run is wider than the window')
        await screenshot(page, `platform-run-${name}`)
        await page.goBack()
      }
      await page.getByLabel('Filter').fill('metrics.auc >')
      await page.getByRole('button', { name: 'Show' }).click()
      await page.getByText('invalid_filter').waitFor()
      expectEqual(await overflows(page), false, 'the page is wider than the window')
      await screenshot(page, `platform-runs-${name}`)
      expectEqual(troubles.filter((one) => !one.includes('400')).join('\n'), '', 'errors of the page')
      await close()
    })
    await check(`platform, retraining, readiness, operations and decisions, ${name}`, async () => {
      const { page, troubles, close } = await openPage(browser, new URL('#/retraining', url).href, look)
      for (const [place, heading] of [
        ['retraining', 'Policies'],
        ['readiness', 'Models'],
        ...fleet.models
          .filter(({ version }) => version !== undefined)
          .slice(0, 1)
          .map((model) => [`readiness/${encodeURIComponent(model.name)}`, 'To operate it'] as const),
        ['operations', 'Promises'],
        ['sources', 'Sources'],
        ['alerts', 'Alerts'],
        ['audit', 'Acts'],
        ['predictions', 'Predictions'],
        ['decisions', 'Rules by hand'],
      ] as const) {
        await page.goto(new URL(`#/${place}`, url).href)
        await page.getByRole('heading', { name: heading, exact: true }).waitFor()
        await page.waitForFunction('document.body.innerText.includes("Reading the") === false')
        expectEqual(await overflows(page), false, `${place} is wider than the window`)
        await screenshot(page, `platform-${place.replace('/', '-')}-${name}`)
      }
      expectEqual(troubles.join('\n'), '', 'errors of the page')
      await close()
    })
    if (first === undefined) continue
    await check(`platform, registry of ${first.name}, ${name}`, async () => {
      const { page, troubles, close } = await openPage(browser, new URL('#/registry', url).href, look)
      await page.getByRole('link', { name: first.name, exact: true }).click()
      await page.getByRole('heading', { name: 'What served', exact: true }).waitFor()
      await page
        .locator('table')
        .first()
        .getByRole('link', { name: /^v\d+$/ })
        .first()
        .click()
      for (const heading of ['Gate', 'Approvals', 'Evaluation', 'Takes and gives', 'Card', 'Audit log'])
        await page.getByRole('heading', { name: heading, exact: true }).waitFor()
      expectPart(await shownText(page, 'h1'), first.name, 'the sentence names the model')
      expectEqual(await overflows(page), false, 'the page of a version is wider than the window')
      await screenshot(page, `platform-version-${name}`)
      expectEqual(troubles.join('\n'), '', 'errors of the page')
      await close()
    })
    await check(`platform, lineage of ${first.name}, ${name}`, async () => {
      const address = new URL(`#/lineage?of=${encodeURIComponent(`${first.name}/${first.version}`)}`, url).href
      const { page, troubles, close } = await openPage(browser, address, look)
      await page.getByText('training run').first().waitFor()
      expectPart(await shownText(page, 'h1'), `${first.name}/${first.version}`, 'the sentence names the version')
      await page
        .getByRole('button', { name: /^dataset/ })
        .first()
        .focus()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: /^dataset:/ }).waitFor()
      expectEqual(await overflows(page), false, 'the page is wider than the window')
      await screenshot(page, `platform-lineage-${name}`)
      expectEqual(troubles.join('\n'), '', 'errors of the page')
      await close()
    })
    const { predictions } = (await (await fetch(new URL('api/v1/predictions?limit=1', url))).json()) as {
      predictions: readonly { readonly prediction_id: string }[]
    }
    const [newest] = predictions
    if (newest !== undefined)
      await check(`platform, what moved a score, ${name}`, async () => {
        const address = new URL(`#/lineage?of=${encodeURIComponent(`prediction:${newest.prediction_id}`)}`, url).href
        const { page, troubles, close } = await openPage(browser, address, look)
        await page.getByRole('heading', { name: 'What moved the score', exact: true }).waitFor()
        await page.getByRole('columnheader', { name: 'Moved it by' }).waitFor()
        expectPart(await shownText(page, 'main'), 'what is expected of any row', 'where the score began')
        expectEqual(await overflows(page), false, 'the page is wider than the window')
        await screenshot(page, `platform-explanation-${name}`)
        expectEqual(troubles.join('\n'), '', 'errors of the page')
        await close()
      })
    await check(`platform, health of ${first.name}, ${name}`, async () => {
      const address = new URL(`#/models/${encodeURIComponent(first.name)}`, url).href
      const { page, troubles, close } = await openPage(browser, address, look)
      await page.getByRole('slider').waitFor()
      await page.waitForLoadState('networkidle')
      expectPart(await shownText(page, 'h1'), first.name, 'the sentence names the model')
      for (const strip of ['Releases', 'Alerts', 'Service', 'Predictions', 'Outcomes']) {
        expectEqual(await page.getByRole('heading', { name: strip }).first().isVisible(), true, `the strip ${strip}`)
      }
      expectEqual((await canvases(page)).blank, 0, 'canvases without paint')
      await page.getByRole('slider').focus()
      await page.keyboard.press('ArrowLeft')
      expectPart((await page.getByRole('slider').getAttribute('aria-valuetext')) ?? '', /\d{4} \d\d:\d\d/, 'the cursor')
      await page.keyboard.press('Escape')
      expectEqual(await overflows(page), false, 'the page is wider than the window')
      await screenshot(page, `platform-health-${name}`)
      expectEqual(troubles.join('\n'), '', 'errors of the page')
      await close()
    })
  }
  await walkPhone({ browser, url, check }, fleet)
}

/** Pages of what was really trained: names and paths are as long as they get. */
async function walkPhone({ browser, url, check }: Walk, { models }: Fleet): Promise<void> {
  const { runs } = (await (await fetch(new URL('api/v1/runs?limit=1', url))).json()) as {
    runs: readonly { readonly name: string }[]
  }
  const { features } = (await (await fetch(new URL('api/v1/features?limit=1', url))).json()) as {
    features: readonly { readonly id: string }[]
  }
  const versions = models
    .filter(({ version }) => version !== undefined)
    .map(({ name, version }) => `${name}/${version}`)
  const places = [
    'runs',
    ...runs.map(({ name }) => `runs/${name}`),
    'lineage',
    ...versions.map((version) => `lineage?of=${encodeURIComponent(version)}`),
    ...features.map(({ id }) => `features/${encodeURIComponent(id)}`),
  ]
  for (const place of places)
    await check(`platform, ${place}, phone`, async () => {
      const { page, troubles, close } = await openPage(browser, new URL(`#/${place}`, url).href, phone)
      await page.locator('.panel').first().waitFor()
      await page.waitForLoadState('networkidle')
      await page.waitForFunction('document.body.innerText.includes("Reading the") === false')
      expectEqual(await overflows(page), false, 'the page is wider than the window')
      expectEqual((await cutSideways(page)).join(), '', 'what is cut at the side')
      const asked = page.locator('.lineage .asked')
      if (place.includes('of=')) {
        const box = await asked.boundingBox()
        expect(box !== null && box.height > 25, `the box that was asked for can be read: ${JSON.stringify(box)}`)
        expect(box.x >= 0 && box.x + box.width <= phone.width, 'the box that was asked for is within the window')
      }
      await screenshot(page, `platform-${place.replaceAll(/\W+/g, '-')}-phone`)
      expectEqual(troubles.join('\n'), '', 'errors of the page')
      await close()
    })
}
