import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toUtf8 } from './bytes.ts'
import { inclusionProof, isIncluded, leafHash, type NodeReader, nodeHash, rangeRoot } from './merkle.ts'
import { readBundle, TILE_WIDTH, TreeEdge, tilePath, tileReader, tileWidth, writeBundle } from './tiles.ts'

test('paths are those of the specification', () => {
  assert.equal(tilePath(0, 1_234_067), 'tile/0/x001/x234/067')
  assert.equal(tilePath('entries', 0), 'tile/entries/000')
  assert.equal(tilePath(2, 1000, 17), 'tile/2/x001/000.p/17')
})

test('a tree of 70,000 has the tiles of the specification’s example', () => {
  const size = 70_000
  assert.deepEqual([tileWidth(0, 272, size), tileWidth(0, 273, size)], [256, 112])
  assert.deepEqual([tileWidth(1, 0, size), tileWidth(1, 1, size), tileWidth(2, 0, size)], [256, 17, 1])
  assert.deepEqual([tileWidth(0, 0, 256), tileWidth(1, 0, 256)], [256, 1])
})

test('bundles hold their entries, and a cut one is refused', () => {
  const entries = [new Uint8Array(0), toUtf8('a'), new Uint8Array(300).fill(1)]
  const bytes = writeBundle(entries)
  assert.deepEqual(
    readBundle(bytes).map((e) => e.length),
    [0, 1, 300],
  )
  for (const end of [1, 3, 100]) assert.throws(() => readBundle(bytes.slice(0, end)), /cut off/)
})

test('the edge grows to the same roots, tiles and proofs as the tree by its definition', () => {
  const N = 70_000
  const leaves = Array.from({ length: N }, (_, i) => leafHash(toUtf8(String(i))))
  const rows: Uint8Array[][] = [leaves]
  while (rows.at(-1)!.length > 1) {
    const below = rows.at(-1)!
    rows.push(Array.from({ length: below.length >> 1 }, (_, i) => nodeHash(below[2 * i]!, below[2 * i + 1]!)))
  }
  const whole: NodeReader = (level, index) => rows[level]![index]!
  const tiles = new Map<string, readonly Uint8Array[]>()
  const edge = new TreeEdge()
  const sizes = new Set([1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, N])
  for (const leaf of leaves) {
    for (const tile of edge.append(leaf)) tiles.set(tilePath(tile.level, tile.index), tile.hashes)
    if (sizes.has(edge.size)) assert.deepEqual(edge.root(), rangeRoot(whole, 0, edge.size), `${edge.size}`)
  }
  for (const [level, row] of edge.levels.entries())
    tiles.set(tilePath(level, Math.floor(N / TILE_WIDTH ** (level + 1)), row.length), row)
  const load = (level: number, index: number, width: number) => [
    ...(tiles.get(tilePath(level, index, width)) ?? assert.fail(`no tile ${level} ${index} ${width}`)),
  ]
  const read = tileReader(N, load)
  const root = edge.root()
  for (const index of [0, 1, 255, 256, 65_535, 65_536, 69_999]) {
    const proof = inclusionProof(read, index, N)
    assert.deepEqual(proof, inclusionProof(whole, index, N))
    assert.ok(isIncluded({ index, size: N, leaf: leaves[index]!, proof, root }))
  }
  const again = TreeEdge.of(N, load)
  assert.deepEqual(again.root(), root)
  const [a, b] = [edge.copy(), again]
  a.append(leaves[0]!)
  b.append(leaves[0]!)
  assert.deepEqual(a.root(), b.root())
  assert.equal(edge.size, N, 'a copy is its own')
})
