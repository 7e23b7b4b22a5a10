/** The national signature's verifier against an emulator of its server, which does no national cryptography and says so. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { type EmulatedSigner, emulatedSignature, openEImzoEmulator } from '../country/e-imzo.ts'
import { openEImzo } from '../src/adapters/e-imzo.ts'

let clock = Date.parse('2026-11-24T05:00:00Z')
let server: Server
let url: string
const asked: { path: string; ip: string; host: string }[] = []
before(async () => {
  const listener = getRequestListener(openEImzoEmulator(() => clock).fetch)
  server = createServer((req, res) => {
    asked.push({ path: req.url!, ip: String(req.headers['x-real-ip']), host: String(req.headers.host) })
    void listener(req, res)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => {
  server.close()
  server.closeAllConnections()
})

const asker = { ip: '192.0.2.7', host: 'hamroh.example' }
const signer = { name: 'Karimova Dilnoza', pinfl: '41209900000001' }
const director = { ...signer, stir: '390000001' }

test('a challenge is signed once, within two minutes, and says who holds the key', async () => {
  const eimzo = openEImzo({ url })
  const given = await eimzo.challenge(asker)
  assert.ok(given.ok && given.value.seconds === 120)
  const pkcs7 = emulatedSignature(given.value.challenge, [director])
  const who = await eimzo.authenticate(pkcs7, asker)
  assert.deepEqual(who.ok && who.value, {
    full_name: 'KARIMOVA DILNOZA',
    person: '41209900000001',
    organisation: '390000001',
    serial: who.ok ? who.value.serial : '',
    valid_to: '2027-11-01 23:59:59',
  })
  const again = await eimzo.authenticate(pkcs7, asker)
  assert.equal(!again.ok && again.refusal.code, 'signature_challenge_over')
  const late = await eimzo.challenge(asker)
  assert.ok(late.ok)
  clock += 121_000
  const over = await eimzo.authenticate(emulatedSignature(late.value.challenge, [signer]), asker)
  assert.equal(!over.ok && over.refusal.code, 'signature_challenge_over')
  assert.ok(asked.every(({ ip, host }) => ip === asker.ip && host === asker.host))
})

test('attached and detached signatures: the document, who signed, and when by the time stamp', async () => {
  const eimzo = openEImzo({ url })
  const attached = await eimzo.verifyAttached(emulatedSignature('A document.', [signer, director]), asker)
  assert.ok(attached.ok)
  assert.equal(Buffer.from(attached.value.document!).toString(), 'A document.')
  assert.deepEqual(
    attached.value.signatories.map((s) => [s.person, s.organisation, s.is_time_stamped]),
    [
      [signer.pinfl, null, true],
      [signer.pinfl, director.stir, true],
    ],
  )
  const document = Buffer.from('Another document.')
  const pkcs7 = emulatedSignature(document, [{ ...signer, time_stamp: false }], true)
  const detached = await eimzo.verifyDetached(document, pkcs7, asker)
  assert.ok(detached.ok)
  assert.equal(detached.value.document, null)
  assert.equal(detached.value.signatories[0]!.is_time_stamped, false)
  const changed = await eimzo.verifyDetached(Buffer.from('Another  document.'), pkcs7, asker)
  assert.equal(!changed.ok && changed.refusal.message, 'The signature is not valid.')
})

test('a signature is accepted by the vendor’s rule to the letter: three times true and nothing against it', async () => {
  const eimzo = openEImzo({ url })
  for (const flaw of ['signature', 'certificate', 'expired', 'revoked', 'exception'] as const) {
    const flawed: EmulatedSigner[] = [signer, { ...director, flaw }]
    const outcome = await eimzo.verifyAttached(emulatedSignature('x', flawed), asker)
    assert.equal(!outcome.ok && outcome.refusal.code, 'signature_refused', flaw)
  }
  const told = async (flaw: NonNullable<EmulatedSigner['flaw']>) => {
    const given = await eimzo.challenge(asker)
    assert.ok(given.ok)
    const who = await eimzo.authenticate(
      emulatedSignature(given.value.challenge, [{ ...signer, flaw }]),
      asker,
    )
    return who.ok ? '' : who.refusal.message
  }
  assert.equal(await told('signature'), 'The signature is not valid.')
  assert.equal(await told('certificate'), 'The certificate is not valid.')
  assert.equal(await told('expired'), 'The certificate was not valid on the day of signing.')
  assert.equal(await told('exception'), 'The status of the certificate could not be checked.')
})

/** A server that says this to everything. */
async function saying<T>(
  answer: object | string,
  work: (url: string) => Promise<T>,
  status = 200,
): Promise<T> {
  const other = createServer((_req, res) => {
    res.writeHead(status, { 'content-type': 'application/json' })
    res.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  try {
    return await work(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)
  } finally {
    other.close()
    other.closeAllConnections()
  }
}

test('an answer that is half true, malformed, or missing accepts nothing', async () => {
  const good = {
    certificate: [{ serialNumber: '1', subjectName: { CN: 'X' } }],
    verified: true,
    certificateVerified: true,
    certificateValidAtSigningTime: true,
  }
  const wrong = [
    { ...good, verified: 'true' },
    { ...good, verified: 1 },
    { ...good, certificateVerified: undefined },
    { ...good, certificateValidAtSigningTime: null },
    { ...good, revokedStatusInfo: {} },
    { ...good, exception: '' },
  ]
  for (const signers of [...wrong.map((of) => [of]), ...wrong.map((of) => [good, of]), []]) {
    const answer = { status: 1, pkcs7Info: { signers } }
    const outcome = await saying(answer, (at) => openEImzo({ url: at }).verifyAttached('AAAA', asker))
    assert.ok(!outcome.ok, JSON.stringify(signers))
  }
  for (const answer of [
    '',
    'no json',
    [],
    {},
    { status: 1 },
    { status: '1x' },
    { status: -20, pkcs7Info: null },
  ])
    assert.ok(!(await saying(answer, (at) => openEImzo({ url: at }).verifyAttached('AAAA', asker))).ok)
  const stamp = await saying({ status: -20 }, (at) => openEImzo({ url: at }).verifyAttached('AAAA', asker))
  assert.match(stamp.ok ? '' : stamp.refusal.message, /time stamp/)
  const down = await saying({}, (at) => openEImzo({ url: at }).challenge(asker), 503)
  assert.equal(!down.ok && down.refusal.code, 'signature_service_away')
  const nobody = await openEImzo({ url: 'http://127.0.0.1:1' }).authenticate('AAAA', asker)
  assert.equal(!nobody.ok && nobody.refusal.code, 'signature_service_away')
})

test('what is no base64 is not sent anywhere: a second part could be smuggled in', async () => {
  const eimzo = openEImzo({ url })
  const before = asked.length
  for (const text of ['', 'a b', 'AAAA|BBBB', 'AAAA\n', '../x', '=AAA', 'x'.repeat(9 * 1024 * 1024)]) {
    assert.ok(!(await eimzo.authenticate(text, asker)).ok)
    assert.ok(!(await eimzo.verifyAttached(text, asker)).ok)
    assert.ok(!(await eimzo.verifyDetached(Buffer.from('x'), text, asker)).ok)
  }
  assert.equal(asked.length, before)
})
