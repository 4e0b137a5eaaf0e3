import { expect, test } from 'vitest'
import { dateReader } from './date-format.ts'

test.each([
  ['YYYY-MM-DD', '2000-02-29', true],
  ['YYYY-MM-DD', '2001-02-29', false],
  ['YYYY-MM-DD', '2001-2-9', false],
  ['YYYYMMDDhhmmss', '20010131235959', true],
  ['YYYYMMDDhhmmss', '20010131245959', false],
  ['DD/MM/YYYY hh:mm', '31/01/2001 09:30', true],
  ['DD/MM/YYYY hh:mm', '31-01-2001 09:30', false],
  ['YYYY', '2001', true],
  ['ISO 8601', '2001-01-31T09:30:00+02:00', true],
  ['ISO 8601', '31.01.2001', false],
])('in %s, %s is a date: %s', (format, text, isDate) => {
  expect(dateReader(format)(text)).toBe(isDate)
})

test.each(['DD.MM', 'YYYY-YYYY', 'whenever'])('%s is no format', (format) => {
  expect(() => dateReader(format)).toThrow(expect.objectContaining({ code: 'definition_invalid' }))
})
