import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonical } from '../../platform/canonical.ts'
import { leafHash } from '../verify/merkle.ts'
import { commitment } from '../verify/person.ts'
import { newKeeper, readKeeper } from './keys.ts'
import { entryJson, leafMaker, openLeaf } from './leaf.ts'
import type { TakenRow } from './store.ts'

const keeper = readKeeper(newKeeper())
const SUBJECTS = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b']

const text = fc.string({ unit: 'binary' }).filter((s) => s.isWellFormed())
const maybe = fc.option(text)
const row: fc.Arbitrary<TakenRow> = fc.record({
  subject_id: fc.constantFrom(...SUBJECTS),
  id: fc.uuid(),
  at: fc.date({ noInvalidDate: true }),
  actor_kind: text,
  actor: text,
  actor_role: maybe,
  purpose: text,
  predicates: fc.array(text).map((list) => JSON.stringify(list)),
  because: maybe,
  journey_id: maybe,
  case_id: maybe,
  channel: text,
  automated: fc.boolean(),
  agency: fc.option(fc.constantFrom('a', 'b')),
  approver: maybe,
  unseal_on: maybe,
  month: fc.constant(null),
  was_sealed_at: fc.constant(7),
  was_leaf: fc.option(fc.constant(Buffer.alloc(32, 7))),
  seq: fc.constant(null),
  leaf: fc.constant(null),
  generation: fc.constant(null),
  wrapped: fc.constant(null),
})

test('whatever an entry says, its JSON is canonical', () => {
  fc.assert(
    fc.property(row, fc.integer({ min: 1 }), (r, seq) => {
      for (const before of [null, new Uint8Array(32)]) {
        const json = entryJson(r, seq, before)
        assert.equal(canonical(JSON.parse(json)), json)
      }
    }),
  )
})

test('each leaf commits to its entry, opens with the subject’s key alone, and follows the one before in its chain', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const { leaves, keys } = leafMaker(keeper)(rows)
      const ends = new Map<string, { seq: number; leaf: string }>()
      for (const [i, leaf] of leaves.entries()) {
        const { subject, entry, sealed } = leaf
        const wrapped = keys.find((k) => k.subject === subject)!.wrapped
        const opened = openLeaf(keeper, { subject, entry, wrapped, sealed: Buffer.from(sealed) })
        assert.deepEqual(new Uint8Array(leaf.commitment), commitment(opened.salt, opened.entry))
        assert.deepEqual(leaf.leaf, leafHash(leaf.commitment))
        const { agency, was_leaf } = rows[i]!
        const said = JSON.parse(opened.entry)
        const is_sealed = agency !== null && was_leaf === null
        const end = ends.get(is_sealed ? agency : subject)
        assert.equal(is_sealed ? said.agency_seq : said.subject_seq, (end?.seq ?? 0) + 1)
        assert.equal(is_sealed ? said.prev_leaf_of_agency : said.prev_leaf_of_subject, end?.leaf ?? null)
        assert.equal('subject_seq' in said, !is_sealed, 'a sealed entry tells nothing of the person’s chain')
        ends.set(is_sealed ? agency : subject, {
          seq: leaf.seq,
          leaf: Buffer.from(leaf.leaf).toString('base64'),
        })
        const other = {
          subject: SUBJECTS.find((s) => s !== subject)!,
          entry,
          wrapped,
          sealed: Buffer.from(sealed),
        }
        assert.throws(() => openLeaf(keeper, other), 'under another name')
        assert.throws(() => openLeaf(readKeeper(newKeeper()), { ...other, subject }), 'with another key')
      }
    }),
    { numRuns: 50 },
  )
})
