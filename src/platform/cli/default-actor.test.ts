import { userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { defaultActor } from './default-actor.ts'

test('who acts without --as is the user of the operating system, whatever the environment says', () => {
  expect(defaultActor()).toBe(userInfo().username)
  expect(defaultActor(() => 'ada')).toBe('ada')
})

test.each([
  ['a user without a name', () => ''],
  ["a user with a name of the platform's own", () => 'trueline'],
  [
    'a user that the operating system does not know',
    () => {
      throw new Error('ENOENT: no such file or directory, uv_os_get_passwd')
    },
  ],
])('%s acts by no name', (_what, userName) => {
  expect(defaultActor(userName)).toBe('somebody')
})
