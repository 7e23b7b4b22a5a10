/** 300 half-open connections at once are closed within seconds, and meanwhile everybody else is answered. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../country/children.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type Program, startProgram } from './program.ts'

let data: string
let database: TestDatabase
let program: Program
let port: number
before(async () => {
  data = mkdtempSync(join(tmpdir(), 'hamroh-overload-'))
  database = await testDatabase()
  port = await freePort(0)
  program = await startProgram({
    PORT: `${port}`,
    HAMROH_DATA: data,
    DATABASE_URL: database.url,
    DEMONSTRATION: '1',
  })
})
after(async () => {
  await program?.stop()
  await database?.end()
  rmSync(data, { recursive: true, force: true })
})

const SOCKETS = 300
/** Ten seconds for a whole request, one until it is looked at, and room for a machine that has other work. */
const CLOSED_WITHIN_MS = 20_000

/** What a client that will never finish begins with. */
const beginnings: readonly string[] = [
  '',
  'G',
  'GET / HTTP/1.1\r\n',
  'GET / HTTP/1.1\r\nhost: x\r\nx-a: b',
  'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{"a":',
  'POST /auth/sign-out HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc',
]

test('300 half-open connections are closed, and good traffic goes on', async () => {
  let open = 0
  let said = ''
  const sockets: Socket[] = []
  await Promise.all(
    Array.from(
      { length: SOCKETS },
      (_, n) =>
        new Promise<void>((ready) => {
          const socket = connect(port, '127.0.0.1', () => {
            open++
            socket.write(beginnings[n % beginnings.length]!)
            ready()
          })
          socket.on('data', (part) => {
            said += part.toString('latin1').slice(0, 100)
          })
          socket.on('error', () => {})
          socket.on('close', () => open--)
          sockets.push(socket)
        }),
    ),
  )
  assert.equal(open, SOCKETS)
  const took: number[] = []
  const began = Date.now()
  while (open > 0 && Date.now() - began < CLOSED_WITHIN_MS) {
    const asked = Date.now()
    const answer = await fetch(`http://127.0.0.1:${port}/sign-in`)
    await answer.text()
    assert.equal(answer.status, 200)
    took.push(Date.now() - asked)
    await sleep(50)
  }
  for (const socket of sockets) socket.destroy()
  assert.equal(open, 0, `${open} of ${SOCKETS} are still open`)
  assert.doesNotMatch(said, /HTTP\/1\.1 5/)
  assert.match(said, /HTTP\/1\.1 408/)
  took.sort((a, b) => a - b)
  assert.ok(took.length > 20, 'good traffic went on')
  assert.ok(took[Math.floor(took.length * 0.99)]! < 2000, `slowest answers: ${took.slice(-3)} ms`)
  assert.doesNotMatch(program.printed(), /"level":(50|60)/)
})
