import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { toUtf8 } from './bytes.ts'
import { checkCheckpoint, headText, readHead } from './checkpoint.ts'
import {
  COSIGNATURE,
  checkNote,
  cosignatureBytes,
  cosignedMessage,
  keyId,
  LOG_SIGNATURE,
  Refused,
  readNote,
  readVkey,
  SIGNATURES_MAX,
  signatureLine,
  vkeyText,
} from './note.ts'
import { readPolicy } from './policy.ts'

// Key and note stand as the example in the specification (C2SP signed-note v1.0.0).
const EXAMPLE_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const EXAMPLE =
  'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'

function signer(name: string, type: typeof LOG_SIGNATURE | typeof COSIGNATURE) {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  const key = new Uint8Array(Buffer.from(x!, 'base64url'))
  const id = keyId(name, type, key)
  const vkey = vkeyText({ name, type, key })
  return {
    vkey,
    key: readVkey(vkey),
    line: (text: string, at_s = 1) =>
      type === LOG_SIGNATURE
        ? signatureLine(name, id, sign(null, toUtf8(text), privateKey))
        : signatureLine(
            name,
            id,
            cosignatureBytes(at_s, sign(null, cosignedMessage(text, at_s), privateKey)),
          ),
  }
}

test('the example of the specification: its key reads and verifies its note', async () => {
  const key = readVkey(EXAMPLE_KEY)
  assert.equal(key.id, '530d903a')
  assert.equal(vkeyText(key), EXAMPLE_KEY)
  assert.equal((await checkNote(readNote(EXAMPLE), [key]))[0]!.key, key)
  await assert.rejects(checkNote(readNote(EXAMPLE.replace('an example', 'no example')), [key]), Refused)
})

test('unknown keys are ignored, and a known key whose signature fails refuses the note', async () => {
  const text = headText({ origin: 'log.example', size: 0, root: new Uint8Array(32) })
  const [log, other] = [signer('log.example', LOG_SIGNATURE), signer('log.example', LOG_SIGNATURE)]
  const both = readNote(`${text}\n${log.line(text)}${other.line(text)}`)
  assert.equal((await checkNote(both, [log.key])).length, 1)
  assert.equal((await checkNote(both, [log.key, other.key])).length, 2)
  const broken = readNote(`${text}\n${log.line(text)}${other.line('something else\n')}`)
  assert.equal((await checkNote(broken, [log.key])).length, 1, 'the other key is not known')
  await assert.rejects(checkNote(broken, [log.key, other.key]), /does not hold/)
  await assert.rejects(
    checkNote(both, [signer('log.example', LOG_SIGNATURE).key]),
    /no signature of a key you trust/,
  )
})

test('sixteen signatures are read, and far more are not', async () => {
  const text = 'a\n'
  const keys = Array.from({ length: 16 }, () => signer('k', LOG_SIGNATURE))
  const note = readNote(`${text}\n${keys.map((k) => k.line(text)).join('')}`)
  assert.equal(
    (
      await checkNote(
        note,
        keys.map((k) => k.key),
      )
    ).length,
    16,
  )
  const many = keys[0]!.line(text).repeat(SIGNATURES_MAX + 1)
  assert.throws(() => readNote(`${text}\n${many}`), /more signatures/)
})

test('notes, keys and checkpoints that are not in the form are refused', () => {
  for (const bad of [
    '',
    'a',
    'a\n',
    'a\n\n',
    'a\n\n- k AAAAAAAA\n',
    'a\t\n\n— k AAAAAAAA\n',
    'a\n\n— k AAAAAAA\n',
  ])
    assert.throws(() => readNote(bad), Refused, JSON.stringify(bad))
  for (const bad of [
    '',
    'a+b',
    'a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    EXAMPLE_KEY.replace('530d', '530e'),
  ])
    assert.throws(() => readVkey(bad), Refused, bad)
  const root = Buffer.alloc(32).toString('base64')
  assert.equal(readHead(`o\n7\n${root}\nextension\n`).size, 7)
  for (const bad of [
    `o\n07\n${root}\n`,
    `o\n-1\n${root}\n`,
    `\n1\n${root}\n`,
    'o\n1\nAAAA\n',
    `o\n1\n${root}`,
    `o\n1\n${root}\n\n`,
  ])
    assert.throws(() => readHead(bad), Refused, JSON.stringify(bad))
})

test('a checkpoint needs the log’s own signature and as many witnesses as the policy asks', async () => {
  const log = signer('log.example', LOG_SIGNATURE)
  const [w1, w2] = [signer('w1.example', COSIGNATURE), signer('w2.example', COSIGNATURE)]
  const policy = (k: string) =>
    readPolicy(
      `log ${log.vkey}\nwitness one ${w1.vkey} http://w1\nwitness two ${w2.vkey}\ngroup both ${k} one two\nquorum both\n`,
    )
  const text = headText({ origin: 'log.example', size: 3, root: new Uint8Array(32).fill(7) })
  const one = `${text}\n${log.line(text)}${w1.line(text, 1_700_000_000)}`
  const checked = await checkCheckpoint(one, [log.key], policy('any'))
  assert.deepEqual(checked.witnesses, [{ name: 'one', at_s: 1_700_000_000 }])
  await assert.rejects(checkCheckpoint(one, [log.key], policy('all')), /Only 1 of 2 witnesses/)
  const two = one + w2.line(text, 1_700_000_001)
  assert.equal((await checkCheckpoint(two, [log.key], policy('2'))).witnesses.length, 2)
  // Witnesses alone do not make a log's checkpoint, nor does a cosignature over another text.
  const unsigned = `${text}\n${w1.line(text)}${w2.line(text)}`
  await assert.rejects(checkCheckpoint(unsigned, [log.key], policy('any')), /not signed by the log itself/)
  await assert.rejects(checkCheckpoint(one + w2.line('other\n'), [log.key], policy('any')), /does not hold/)
})

test('a policy is read as specified, and its mistakes are named by line', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((n) => signer(n, COSIGNATURE).vkey)
  const nested = readPolicy(
    `# comment\nwitness a ${a}\nwitness b ${b}\n\twitness c ${c}\n\ngroup ab any a b\ngroup all all ab c\nquorum all\n`,
  )
  assert.equal(nested.quorum, 'all')
  assert.equal(readPolicy('quorum none\n').quorum, 'none')
  for (const [text, why] of [
    [`witness a ${a}\nwitness a ${b}\nquorum a`, /Line 2.*twice/],
    [`witness a ${a}\nwitness b ${a}\nquorum a`, /Line 2.*twice/],
    ['quorum x', /Line 1 of the policy: x is not defined/],
    [`witness a ${a}\ngroup g 2 a\nquorum g`, /Line 2/],
    [`witness a ${a}\ngroup g any a\ngroup h any a\nquorum h`, /Line 3.*twice/],
    [`witness none ${a}\nquorum none`, /Line 1/],
    [`log ${a}\nquorum none`, /Line 1/],
    [`witness a ${a}`, /no line "quorum"/],
    ['quorum none\nquorum none', /Line 2/],
    ['trust everybody', /Line 1/],
  ] as const)
    assert.throws(() => readPolicy(text), why, text)
})
