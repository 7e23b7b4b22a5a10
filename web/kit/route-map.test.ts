import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { layOut, type Stop } from './route-map.tsx'

const stop = (id: string, after: string[] = []): Stop => ({
  id,
  after,
  agency: { code: id, name: id },
  mark: 'ahead',
})

test('steps that may run side by side get lanes of their own', () => {
  const places = layOut([stop('start'), stop('a'), stop('b', ['a']), stop('c', ['a']), stop('d')])
  assert.deepEqual(
    places.map((p) => [p.lane, p.from]),
    [
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 1],
      [2, 0],
    ],
  )
})

test('each agency of one map has its own colour', () => {
  const places = layOut(['s', 'a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => stop(id)))
  assert.equal(new Set(places.map((p) => p.line)).size, 8)
})

test('two lines never run in one lane past the same stop, as long as there are lanes', () => {
  const route = fc
    .array(fc.nat(), { minLength: 1, maxLength: 5 })
    .map((seeds) => [stop('0'), ...seeds.map((seed, at) => stop(String(at + 1), [String(seed % (at + 1))]))])
  fc.assert(
    fc.property(route, (stops) => {
      const places = layOut(stops)
      for (const one of places)
        for (const other of places)
          if (one.row < other.row && one.row > other.from) assert.notEqual(one.lane, other.lane)
    }),
  )
})
