/**
 * I10: an operator who holds every key and every file edits, deletes, reorders, truncates, forks, or hides one person's
 * entry, and signs the result anew. Each is found by the verifier's modules, and by `hamroh audit verify`, from public
 * files and what people kept.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openLogFiles } from '../src/trust/log/files.ts'
import { logSigner, newKeeper, newSigningKey, readKeeper } from '../src/trust/log/keys.ts'
import { leafMaker, openLeaf } from '../src/trust/log/leaf.ts'
import type { NewLeaf, TakenRow } from '../src/trust/log/store.ts'
import {
  type ChainEnd,
  checkCheckpoint,
  checkLog,
  checkProofs,
  folderSource,
  headText,
  type ProofFile,
  readVkey,
  type Seen,
  toBase64,
} from '../src/trust/trust.ts'
import { inclusionProof } from '../src/trust/verify/merkle.ts'
import { hamroh } from './program.ts'

const ORIGIN = 'log.example/attacked'
const [ANA, BOB] = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b']
const signer = logSigner(ORIGIN, newSigningKey())
const keeper = readKeeper(newKeeper())
const trust = { keys: signer.vkeys.map(readVkey), policy: null }

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'hamroh-attack-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

const entry = (i: number, subject = i % 4 === 0 ? ANA : BOB): TakenRow => ({
  subject_id: subject,
  id: `00000000-0000-7000-9000-${String(i).padStart(12, '0')}`,
  at: new Date(1_700_000_000_000 + i),
  actor_kind: 'officer',
  actor: 'P-1',
  actor_role: 'clerk',
  purpose: 'p',
  predicates: '["full_name"]',
  because: null,
  journey_id: null,
  case_id: null,
  channel: 'web',
  automated: false,
  agency: null,
  approver: null,
  unseal_on: null,
  month: null,
  was_sealed_at: null,
  was_leaf: null,
  seq: null,
  leaf: null,
  generation: null,
  wrapped: null,
})

type Book = { readonly leaves: NewLeaf[]; readonly keys: Map<string, Buffer> }

const book = (rows: readonly TakenRow[]): Book => {
  const { leaves, keys } = leafMaker(keeper)(rows)
  return { leaves, keys: new Map(keys.map((k) => [k.subject, k.wrapped])) }
}

/** Publishes these leaves as a log, properly signed. */
async function publish(name: string, leaves: readonly NewLeaf[]): Promise<string> {
  const files = openLogFiles(join(folder, name))
  files.append(Buffer.concat(leaves.map((l) => l.commitment)))
  await files.write()
  const text = headText({ origin: ORIGIN, size: leaves.length, root: files.root() })
  await files.show(`${text}\n${signer.sign(text)}`)
  return files.folder
}

/** What the operator's program would answer a person, over what it publishes in `log`. */
function proofFile(log: string, { leaves, keys }: Book, subject = ANA): ProofFile {
  const files = openLogFiles(log)
  const { size, note } = files.published!
  const read = files.reader(size)
  const entries = leaves.flatMap((leaf, index) => {
    if (leaf.subject !== subject) return []
    const sealed = Buffer.from(leaf.sealed)
    const opened = openLeaf(keeper, { subject, entry: leaf.entry, wrapped: keys.get(subject)!, sealed })
    const proof = inclusionProof(read, index, size).map(toBase64)
    return [{ index, salt: toBase64(opened.salt), entry: opened.entry, proof }]
  })
  return {
    format: 'hamroh-access-proofs/1',
    subject,
    keys: signer.vkeys,
    checkpoint: note,
    entries,
    waiting: 0,
    next: null,
  }
}

const HONEST = 700
const rows = Array.from({ length: HONEST }, (_, i) => entry(i))
const honest = book(rows)

type Kept = { readonly seen: Seen; readonly end: ChainEnd; readonly proofs: string; readonly state: string }

/** A person and a stranger check the honest log, and keep what they saw. */
async function keepHonest(name: string): Promise<Kept> {
  const log = await publish(`${name}-honest`, honest.leaves)
  const file = proofFile(log, honest)
  const checked = await checkProofs(file, trust, null)
  const { checkpoint } = await checkLog(folderSource(log), trust, { expected: checked.expected })
  const kept = join(folder, `${name}-kept`)
  mkdirSync(kept)
  const [proofs, state] = [join(kept, 'proofs.json'), join(kept, 'state.json')]
  writeFileSync(proofs, JSON.stringify(file))
  const first = await audit(log, '--state', state, '--proofs', proofs)
  assert.equal(first.code, 0, first.err)
  return { seen: { ...checkpoint, where: 'before' }, end: checked.end!, proofs, state }
}

const audit = (log: string, ...more: string[]) =>
  hamroh(['audit', 'verify', '--log', log, '--key', signer.vkeys[0]!, ...more], {})

/** The attacked log is found out by whoever remembers the honest one, in both ways. */
async function foundOut(log: string, kept: Kept, why: RegExp): Promise<void> {
  await checkLog(folderSource(log), trust).catch(() => {})
  await assert.rejects(checkLog(folderSource(log), trust, { seen: [kept.seen] }), why)
  const { code, err } = await audit(log, '--state', kept.state)
  assert.deepEqual([code, why.test(err)], [1, true], err)
}

const more = (n: number): NewLeaf[] =>
  book(Array.from({ length: n }, (_, i) => entry(10_000 + i, BOB))).leaves

test('an honest log that grew is accepted', async () => {
  const kept = await keepHonest('grew')
  const log = await publish('grew', [...honest.leaves, ...more(50)])
  await checkLog(folderSource(log), trust, { seen: [kept.seen] })
  const { code, out, err } = await audit(log, '--state', kept.state, '--proofs', kept.proofs)
  assert.equal(code, 0, err)
  assert.match(out, /continues the log seen at the last check \(700 entries\)/)
})

test('edit: an entry changed afterwards is found, in the files alone and signed anew', async () => {
  const kept = await keepHonest('edit')
  const changed = book(rows.map((row, i) => (i === 301 ? { ...row, actor: 'P-2' } : row)))
  await foundOut(await publish('edit', [...changed.leaves, ...more(3)]), kept, /not the one seen/)
  // Without the key: only the file.
  const log = await publish('edit-file', honest.leaves)
  const file = join(log, 'tile/entries/001')
  const bytes = readFileSync(file)
  bytes[100]! ^= 1
  writeFileSync(file, bytes)
  await assert.rejects(checkLog(folderSource(log), trust), /not what the entries of the log give/)
  assert.equal((await audit(log)).code, 1)
  // Who never saw the log before, but whose entry it is, finds it too.
  const hers = book(rows.map((row, i) => (i === 400 ? { ...row, actor: 'P-2' } : row)))
  const other = await publish('edit-hers', hers.leaves)
  const { code, err } = await audit(other, '--proofs', kept.proofs)
  assert.deepEqual([code, /not the one seen|holds something else/.test(err)], [1, true], err)
})

test('delete: an entry taken out is found, however much is added behind', async () => {
  const kept = await keepHonest('delete')
  const left = honest.leaves.filter((_, i) => i !== 123)
  await foundOut(await publish('delete', [...left, ...more(20)]), kept, /not the one seen/)
})

test('reorder: two entries that changed places are found', async () => {
  const kept = await keepHonest('reorder')
  const leaves = [...honest.leaves]
  ;[leaves[5], leaves[6]] = [leaves[6]!, leaves[5]!]
  await foundOut(await publish('reorder', [...leaves, ...more(1)]), kept, /not the one seen/)
})

test('truncate: a log that became shorter is found', async () => {
  const kept = await keepHonest('truncate')
  await foundOut(await publish('truncate', honest.leaves.slice(0, 650)), kept, /was cut off/)
  // Behind a signed checkpoint, entries that are not served are found without remembering anything.
  const log = await publish('truncate-file', honest.leaves)
  rmSync(join(log, 'tile/entries/001'))
  await assert.rejects(checkLog(folderSource(log), trust), /missing/)
  assert.equal((await audit(log)).code, 1)
})

test('fork: two people who were shown different logs find it by comparing checkpoints', async () => {
  const kept = await keepHonest('fork')
  const other = book(rows.map((row, i) => (i === 699 ? { ...row, actor: 'P-2' } : row)))
  const log = await publish('fork', other.leaves)
  // It is a log in order, until somebody says what they saw.
  assert.equal((await audit(log)).code, 0)
  await foundOut(log, kept, /not the one seen/)
  const shown = join(folder, 'fork-honest', 'checkpoint')
  const { code, err } = await audit(log, '--seen', shown)
  assert.deepEqual([code, /not the one seen/.test(err)], [1, true], err)
  const seen = { ...(await checkCheckpoint(readFileSync(shown), trust.keys, null)), where: 'elsewhere' }
  await assert.rejects(checkLog(folderSource(log), trust, { seen: [seen] }), /seen elsewhere/)
})

test('hide: an entry kept from its person leaves a hole in their chain, even when it never stood in the tree', async () => {
  const kept = await keepHonest('hide')
  const log = await publish('hide', honest.leaves)
  const whole = proofFile(log, honest)
  const refused = async (file: ProofFile, known: ChainEnd | null, why: RegExp) => {
    await assert.rejects(checkProofs(file, trust, known), why)
    const path = join(folder, 'hidden.json')
    writeFileSync(path, JSON.stringify(file))
    const { code, err } = await audit(log, '--proofs', path, ...(known ? ['--state', kept.state] : []))
    assert.deepEqual([code, why.test(err)], [1, true], err)
  }
  // Left out of what she is shown.
  await refused(
    { ...whole, entries: whole.entries.filter((_, i) => i !== 9) },
    null,
    /entry 10 is being hidden/,
  )
  await refused({ ...whole, entries: whole.entries.slice(1) }, null, /entry 1 is being hidden/)
  // Never put into the tree, the chain closed over the hole: who was told more before sees that it is another chain.
  const without = book(rows.filter((_, i) => i !== 4 && i !== 696))
  const closed = await publish('hide-closed', [...without.leaves, ...more(5)])
  const file = proofFile(closed, without)
  await checkProofs(file, trust, null)
  const later = book([
    ...rows.filter((_, i) => i !== 4 && i !== 696),
    entry(20_000, ANA),
    entry(20_004, ANA),
    entry(20_008, ANA),
  ])
  const longer = proofFile(await publish('hide-longer', later.leaves), later)
  await assert.rejects(checkProofs(longer, trust, kept.end), /not the one it was at the last check/)
  // The last one held back: nothing shows it yet, but the next one she is shown does.
  const next = book([...rows, entry(20_000, ANA), entry(20_004, ANA)])
  const shown = proofFile(await publish('hide-next', next.leaves), next)
  await assert.rejects(
    checkProofs({ ...shown, entries: shown.entries.slice(-1) }, trust, kept.end),
    /entry 176 is being hidden/,
  )
})

test('a proof taken from another log, person or place is refused', async () => {
  const log = await publish('proofs', honest.leaves)
  const file = proofFile(log, honest)
  const [first, second] = file.entries
  const swap = (entries: ProofFile['entries']) => ({ ...file, entries })
  for (const [bad, why] of [
    [swap([{ ...first!, index: second!.index }]), /does not stand in the log/],
    [swap([{ ...first!, salt: second!.salt }]), /does not stand in the log/],
    [swap([{ ...first!, entry: first!.entry.replace('P-1', 'P-2') }]), /does not stand in the log/],
    [swap([{ ...first!, proof: second!.proof }]), /does not stand in the log/],
    [swap([second!]), /entry 1 is being hidden/],
    [{ ...file, subject: BOB }, /about somebody else/],
    [{ ...file, checkpoint: file.checkpoint.replace('700', '701') }, /does not hold/],
  ] as const)
    await assert.rejects(checkProofs(bad, trust, null), why)
  const other = logSigner('other.example', newSigningKey())
  await assert.rejects(
    checkProofs(file, { keys: other.vkeys.map(readVkey), policy: null }, null),
    /trust no key of a log named/,
  )
})
