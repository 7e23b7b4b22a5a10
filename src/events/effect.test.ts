import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CancelNode, inEffect } from './effect.ts'

const node = (
  event_id: string,
  minute: number,
  cancels: string | null = null,
  kind: 'correct' | 'retract' | null = cancels === null ? null : 'retract',
): CancelNode => ({
  source: 's',
  event_id,
  type: 't',
  agency: 'a',
  occurred_at: new Date(Date.UTC(2026, 0, 1, 0, minute)),
  cancels,
  cancel_kind: kind,
})

const effective = (...nodes: CancelNode[]) => [...inEffect(nodes)].sort()

test('a retracted event is not in effect; its retraction is', () => {
  assert.deepEqual(effective(node('a', 1), node('b', 2, 'a')), ['b'])
})

test('a retracted retraction lets the first event stand again', () => {
  assert.deepEqual(effective(node('a', 1), node('b', 2, 'a'), node('c', 3, 'b')), ['a', 'c'])
})

test('an earlier event cannot cancel a later one, and is itself without effect', () => {
  assert.deepEqual(effective(node('a', 5), node('b', 2, 'a', 'correct')), ['a'])
})

test('another agency or another type cannot cancel', () => {
  assert.deepEqual(effective(node('a', 1), { ...node('b', 2, 'a'), agency: 'other' }), ['a'])
  assert.deepEqual(effective(node('a', 1), { ...node('b', 2, 'a'), type: 'other' }), ['a'])
})

test('a canceller that arrives first waits for its target', () => {
  assert.deepEqual(effective(node('b', 2, 'a', 'correct')), ['b'])
})

test('I2: the events in effect do not depend on the order in which they are listed, and circles end', () => {
  const history = fc.array(
    fc.record({
      minute: fc.nat(9),
      cancels: fc.option(fc.nat(11)),
      kind: fc.constantFrom('correct' as const, 'retract' as const),
    }),
    { minLength: 1, maxLength: 12 },
  )
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.nat()), (events, randomness) => {
      const nodes = events.map((e, i) =>
        node(
          `e${i}`,
          e.minute,
          e.cancels === null || e.cancels === i ? null : `e${e.cancels}`,
          e.cancels === null || e.cancels === i ? null : e.kind,
        ),
      )
      const shuffled = nodes
        .map((n) => ({ n, key: randomness.next().value }))
        .sort((a, b) => a.key - b.key)
        .map((x) => x.n)
      assert.deepEqual(effective(...shuffled), effective(...nodes))
    }),
  )
})
