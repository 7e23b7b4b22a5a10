/**
 * An agency as docs/agency-protocol.md §2 says, over real HTTP, that can be made to err in every way a network and an
 * agency can: it counts what it did by key, so that a test sees whether anything happened twice.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What it does with one request: `lost` does the work and breaks the connection before answering. */
export type Mood =
  | 'answer'
  | 'lost'
  | 'refuse'
  | 'error before'
  | 'error after'
  | 'working'
  | 'garbage'
  | 'forget'
  /** Answers exactly this and does nothing. */
  | { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }

export type Entry = {
  task: string
  body: string
  done: number
  undone: number
  answer: object | null
  tombstone: boolean
  data: { readonly [name: string]: unknown }
}

export type FakeAgency = {
  readonly url: string
  readonly entries: ReadonlyMap<string, Entry>
  /** `POST /tasks` and so on, in order. */
  readonly requests: readonly string[]
  mood: (request: { method: string; path: string; task: string }) => Mood
  /** Called when a task is taken, before the answer: to act while the call is in flight. */
  during: ((task: string) => Promise<void>) | null
  stop(): Promise<void>
}

export const AGENCY_KEY = 'key-of-hamroh-at-agencies'

export async function startFakeAgency(): Promise<FakeAgency> {
  const entries = new Map<string, Entry>()
  const requests: string[] = []
  const server = createServer((req, res) => {
    serve(req, res).catch(() => res.destroy())
  })
  await new Promise<void>((r) => server.listen(0, '127.0.0.1', r))
  const agency: FakeAgency = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    entries,
    requests,
    mood: () => 'answer',
    during: null,
    stop: () =>
      new Promise((r) => {
        server.close(() => r())
        server.closeAllConnections()
      }),
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = req.url ?? ''
    requests.push(`${req.method} ${path.replace(/[0-9a-f-]{36}/, ':key')}`)
    if (req.headers.authorization !== `Bearer ${AGENCY_KEY}`) return send(res, 401, {})
    const raw = await textOf(req)
    const body = raw === '' ? {} : (JSON.parse(raw) as { task?: string; data?: Entry['data'] })
    const match = /^\/tasks(?:\/([^/]+)(\/undo)?)?$/.exec(path)
    const key = match?.[1] ?? String(req.headers['idempotency-key'] ?? '')
    const task = body.task ?? entries.get(key)?.task ?? ''
    const mood = agency.mood({ method: req.method ?? '', path, task })
    if (typeof mood === 'object') {
      res.writeHead(mood.status, { 'content-type': 'application/json', ...mood.headers }).end(mood.body)
      return
    }
    if (mood === 'error before') return send(res, 503, {}, { 'retry-after': '0.01' })
    if (mood === 'forget' && req.method === 'GET') return send(res, 404, {})
    if (match?.[2]) return undo(key, mood, res)
    if (req.method === 'GET') return poll(key, mood, res)
    return perform(key, task, raw, body.data ?? {}, mood, res)
  }

  async function perform(
    key: string,
    task: string,
    raw: string,
    data: Entry['data'],
    mood: Mood,
    res: ServerResponse,
  ): Promise<void> {
    const known = entries.get(key)
    if (known?.tombstone)
      return send(res, 200, { status: 'refused', reason: { code: 'undone', text: 'Taken back.' } })
    if (known && known.body !== raw) return send(res, 409, {})
    if (known?.answer) return answer(res, mood, known.answer)
    if (mood === 'refuse')
      return send(res, 200, { status: 'refused', reason: { code: 'not_ours', text: 'Not our district.' } })
    const entry: Entry = known ?? {
      task,
      body: raw,
      done: 0,
      undone: 0,
      answer: null,
      tombstone: false,
      data,
    }
    entries.set(key, entry)
    if (mood === 'working') return send(res, 202, { status: 'working', reference: `W-${key.slice(-4)}` })
    finish(key, entry)
    if (agency.during) await agency.during(task)
    return answer(res, mood, entry.answer!)
  }

  function finish(key: string, entry: Entry): void {
    entry.done++
    entry.answer = { status: 'done', reference: `R-${key.slice(-6)}`, result: { task: entry.task } }
  }

  function poll(key: string, mood: Mood, res: ServerResponse): void {
    const entry = entries.get(key)
    if (!entry) send(res, 404, {})
    else if (entry.answer === null && mood === 'working') {
      send(res, 202, { status: 'working', reference: 'W' })
    } else {
      if (entry.answer === null) finish(key, entry)
      answer(res, mood, entry.answer!)
    }
  }

  function undo(key: string, mood: Mood, res: ServerResponse): void {
    if (mood === 'refuse') {
      send(res, 200, { status: 'refused', reason: { code: 'too_late', text: 'Paid out in cash.' } })
      return
    }
    const entry: Entry = entries.get(key) ?? {
      task: '',
      body: '',
      done: 0,
      undone: 0,
      answer: null,
      tombstone: true,
      data: {},
    }
    entries.set(key, entry)
    entry.undone = entry.done
    entry.tombstone = true
    answer(res, mood, { status: 'done' })
  }

  function answer(res: ServerResponse, mood: Mood, body: object): void {
    if (mood === 'lost') res.destroy()
    else if (mood === 'error after') send(res, 500, {})
    else if (mood === 'garbage') res.writeHead(200).end('<html>')
    else send(res, 200, body)
  }

  return agency
}

function send(res: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
