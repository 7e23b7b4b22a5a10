import assert from 'node:assert/strict'
import { test } from 'node:test'
import { screens } from '../fixture/screens.ts'
import { isHint, ownPage } from './address.ts'

const id = '01a20c22-fff7-7000-a7ed-a5cbad165f2d'

test('an address of ours keeps its page and the queries the page knows', () => {
  for (const address of [
    '/inbox',
    `/proposal/${id}`,
    `/why/fact/${id}`,
    `/why/publication/${id}`,
    `/why/simulation/${id}`,
    `/desk/case/${id}`,
    '/council',
    '/council/rule/uz.social.child-benefit',
    `/council/simulation/${id}`,
    `/council/simulation/${id}/publish`,
    `/council/publication/${id}`,
    '/memory?known_on=2026-11-24&valid_on=2026-01-01',
    `/who-looked?older=${id}`,
    '/sign-in?login_hint=citizen-12',
  ])
    assert.equal(ownPage(address), address)
  assert.equal(ownPage('/sign-in?next=%2Finbox'), '/sign-in?next=%2Finbox')
})

test('what is not a page of ours, or not a value of its query, is left out', () => {
  for (const address of [
    undefined,
    '',
    'inbox',
    '//evil.example/inbox',
    '/\\evil.example/inbox',
    'https://evil.example/',
    '/nowhere',
    '/proposal/x',
    `/proposal/${id}/publish`,
    '/council/rule/Karimova Dilnoza',
    '/council/rule/31201900000011',
    `/why/karimova/${id}`,
    `/${'x'.repeat(2000)}`,
    '/%00',
    '/\ninbox/..//x',
  ])
    assert.equal(ownPage(address), '/', String(address))
  assert.equal(ownPage('/memory?known_on=Karimova&x=1'), '/memory')
  assert.equal(ownPage('/who-looked?older=31201900000011'), '/who-looked')
  assert.equal(ownPage('/sign-in?next=//evil.example&problem=Karimova'), '/sign-in')
  assert.equal(ownPage('/inbox?__proto__=1&constructor=2'), '/inbox')
})

test('every screen can be come back to in another language', () => {
  for (const { path, status } of screens) if (status === undefined) assert.equal(ownPage(path), path)
})

test('a hint names a person of the demonstration, and never a real one', () => {
  assert.ok(isHint('citizen-12') && isHint('officer-pension-1'))
  for (const text of ['', '31201900000011', 'Karimova', 'citizen-31201900000011', 'citizen-1 x'])
    assert.ok(!isHint(text), text)
})
