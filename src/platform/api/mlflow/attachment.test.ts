import { expect, test } from 'vitest'
import { attachmentHeaders } from './attachment.ts'

test.each([
  ['a.txt', 'text/plain', 'filename=a.txt'],
  ['b.pkl', 'application/octet-stream', 'filename=b.pkl'],
  ['c.PNG', 'image/png', 'filename=c.PNG'],
  ['MLmodel', 'text/plain', 'filename=MLmodel'],
  // What a browser would run is bytes.
  ['page.html', 'application/octet-stream', 'filename=page.html'],
  ['two words.svg', 'application/octet-stream', 'filename="two words.svg"'],
  ['a"b;c.txt', 'text/plain', 'filename="a\\"b;c.txt"'],
  ['über.csv', 'text/plain', "filename=uber.csv; filename*=UTF-8''%C3%BCber.csv"],
  ['日本', 'application/octet-stream', "filename=download; filename*=UTF-8''%E6%97%A5%E6%9C%AC"],
])('%s is given away as %s', (name, type, disposition) => {
  expect(attachmentHeaders(name)).toEqual({
    'content-type': type,
    'content-disposition': `attachment; ${disposition}`,
    'x-content-type-options': 'nosniff',
  })
})
