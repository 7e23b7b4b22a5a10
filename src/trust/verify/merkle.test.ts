import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fromBase64 } from './bytes.ts'
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  type NodeReader,
  nodeHash,
  rangeRoot,
} from './merkle.ts'

const vectors = <T>(name: string): T[] => JSON.parse(readFileSync(`test/vectors/merkle-${name}.json`, 'utf8'))
// Some of the cases that must be refused hold hashes of a wrong length: bytes all the same.
const bytes = (text: string | null) => fromBase64(text ?? '') ?? assert.fail('not base64')
const many = (texts: string[] | null) => (texts ?? []).map(bytes)

type Inclusion = {
  leafIdx: number
  treeSize: number
  root: string | null
  leafHash: string | null
  proof: string[] | null
  wantErr: boolean
  case: string
}
type Consistency = {
  size1: number
  size2: number
  root1: string | null
  root2: string | null
  proof: string[] | null
  wantErr: boolean
  case: string
}

test('all 98 given inclusion proofs come out as stated', () => {
  const cases = vectors<Inclusion>('inclusion')
  assert.equal(cases.length, 98)
  for (const c of cases) {
    const accepted = isIncluded({
      index: c.leafIdx,
      size: c.treeSize,
      leaf: bytes(c.leafHash),
      proof: many(c.proof),
      root: bytes(c.root),
    })
    assert.equal(accepted, !c.wantErr, c.case)
  }
})

test('all 98 given consistency proofs come out as stated', () => {
  const cases = vectors<Consistency>('consistency')
  assert.equal(cases.length, 98)
  for (const c of cases) {
    const accepted = isConsistent({
      size1: c.size1,
      size2: c.size2,
      root1: bytes(c.root1),
      root2: bytes(c.root2),
      proof: many(c.proof),
    })
    assert.equal(accepted, !c.wantErr, c.case)
  }
})

/** A tree kept whole, by the definition: the oracle for what is put together from parts. */
function tree(n: number) {
  const leaves = Array.from({ length: n }, (_, i) => leafHash(new Uint8Array([i, i >> 8])))
  const read: NodeReader = (level, index) => {
    const span = 2 ** level
    const part = leaves.slice(index * span, (index + 1) * span)
    assert.equal(part.length, span, 'only complete subtrees are asked for')
    return level === 0 ? part[0]! : nodeHash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))
  }
  return { leaves, read }
}

test('every leaf of every small tree is proved, and by no other place, size or changed hash', () => {
  for (let size = 1; size <= 40; size++) {
    const { leaves, read } = tree(size)
    const root = rangeRoot(read, 0, size)
    for (let index = 0; index < size; index++) {
      const proof = inclusionProof(read, index, size)
      const right = { index, size, leaf: leaves[index]!, proof, root }
      assert.ok(isIncluded(right), `${index} of ${size}`)
      assert.ok(!isIncluded({ ...right, index: index + 1 }))
      assert.ok(!isIncluded({ ...right, leaf: leafHash(new Uint8Array([99])) }))
      assert.ok(!isIncluded({ ...right, proof: [...proof, root] }))
      if (proof.length > 0) assert.ok(!isIncluded({ ...right, proof: proof.slice(1) }))
    }
  }
})

test('every two sizes of one growing tree are consistent, and with no other root', () => {
  for (let size2 = 1; size2 <= 40; size2++) {
    const { read } = tree(size2)
    const root2 = rangeRoot(read, 0, size2)
    for (let size1 = 1; size1 <= size2; size1++) {
      const root1 = rangeRoot(read, 0, size1)
      const proof = consistencyProof(read, size1, size2)
      assert.ok(isConsistent({ size1, size2, root1, root2, proof }), `${size1} to ${size2}`)
      const other = leafHash(new Uint8Array([size1]))
      assert.ok(!isConsistent({ size1, size2, root1: other, root2, proof }))
      assert.ok(!isConsistent({ size1, size2, root1, root2: other, proof }))
      if (size1 < size2) assert.ok(!isConsistent({ size1, size2: size1, root1, root2, proof }))
    }
  }
  assert.throws(() => consistencyProof(() => assert.fail(), 0, 4), RangeError)
})
