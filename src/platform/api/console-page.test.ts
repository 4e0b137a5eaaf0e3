import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { consolePage } from './console-page.ts'

test('the page of the console says how the command line is called, whatever that holds', async () => {
  const html = await readFile(join(import.meta.dirname, '../../../console/index.html'), 'utf8')
  expect(html).toContain('<meta name="called-as" content="trueline"')
  expect(consolePage(html, 'npx trueline')).toContain('<meta name="called-as" content="npx trueline"')
  expect(consolePage(html, 'a $& "b" <c')).toContain('content="a $&amp; &quot;b&quot; &lt;c"')
})
