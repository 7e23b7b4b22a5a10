/**
 * What an agency did, by idempotency key.
 *
 * In:  tasks and undos. Out: the answers of docs/agency-protocol.md §2, and the events to report afterwards.
 * Promise: an answer given stands on the disk; the same key has one effect whatever is repeated or crashes; the report
 * of an effect is written in the same line as the effect, so neither is without the other.
 */
import type { Json } from '../../src/platform/canonical.ts'
import type { DateText } from '../../src/platform/clock.ts'
import { type CloudEvent, makeEvent, retraction } from '../people/events.ts'
import { openJournal } from './journal.ts'
import { type Office, offices, type TaskData } from './offices.ts'
import type { Answer } from './reporter.ts'

export type TaskAnswer =
  | {
      readonly status: 'done'
      readonly reference?: string
      readonly result?: { readonly [name: string]: Json }
    }
  | { readonly status: 'working'; readonly reference: string }
  | { readonly status: 'refused'; readonly reason: { readonly code: string; readonly text: string } }

type Asked = {
  readonly key: string
  readonly task: string
  readonly journey: string
  /** SHA-256 of what was asked, to tell a repetition from another task under the same key. */
  readonly hash: string
}

type Line =
  | ({ readonly kind: 'taken'; readonly data: TaskData; readonly ready_at: string } & Asked)
  | ({ readonly kind: 'answered'; readonly answer: TaskAnswer; readonly report?: CloudEvent } & Asked)
  | { readonly kind: 'undone'; readonly key: string; readonly task: string; readonly report?: CloudEvent }
  | { readonly kind: 'queued'; readonly report: CloudEvent }
  | { readonly kind: 'reported'; readonly id: string; readonly answer: Answer }

type Entry = {
  asked?: Asked
  working?: { data: TaskData; ready_at: string }
  answer?: TaskAnswer
  report?: CloudEvent
  undone: boolean
  effects: number
}

export type Effect = {
  readonly key: string
  readonly task: string
  readonly journey: string
  readonly done: number
  readonly undone: boolean
}

export type Ledger = {
  /** Does a task, or answers again as before. `undefined`: the key was used with other content. */
  perform(asked: Asked & { data: TaskData }, slow_ms: number): TaskAnswer | undefined
  find(key: string): TaskAnswer | undefined
  /** Takes an effect back. `undefined`: this undo does not belong to the key's task. */
  undo(key: string, task: string): TaskAnswer | undefined
  /** Keeps an event that did not come from a task, to be reported like the others; false when its id is known. */
  queue(event: CloudEvent): boolean
  reported(event: CloudEvent, answer: Answer): void
  effects(): readonly Effect[]
  answers(): { readonly [id: string]: Answer }
  close(): void
}

/**
 * Opens the ledger of an agency; what was taken and not finished before a crash is finished now.
 * @param of.report called for every event Hamroh has not answered yet, also those of earlier runs
 */
export function openLedger(of: {
  agency: string
  file: string
  now: () => Date
  today: () => DateText
  report: (event: CloudEvent) => void
}): Ledger {
  const office: Office = offices[of.agency] ?? { tasks: {} }
  const known = makeKnowledge()
  const { entries, outbox, answers, done_by_task } = known
  const timers = new Map<string, NodeJS.Timeout>()
  const journal = openJournal<Line>(of.file, known.apply)
  for (const event of outbox.values()) of.report(event)
  for (const [key, entry] of entries) if (entry.working) finishLater(key, entry.working.ready_at)

  function write(line: Line): void {
    journal.append(line)
    known.apply(line)
    if ('report' in line && line.report) of.report(line.report)
  }

  function finishLater(key: string, ready_at: string): void {
    const wait = Math.max(0, new Date(ready_at).getTime() - Date.now())
    const timer = setTimeout(() => {
      timers.delete(key)
      const entry = entries.get(key)
      if (entry?.working && entry.asked) finish({ ...entry.asked, data: entry.working.data })
    }, wait)
    timers.set(key, timer)
  }

  function finish({ data, ...asked }: Asked & { data: TaskData }): TaskAnswer {
    const reference = referenceOf(of.agency, asked.key)
    const work = { today: of.today(), reference, done_before: done_by_task.get(asked.task) ?? 0 }
    const task = office.tasks[asked.task]
    const outcome = task
      ? task.perform(data, work)
      : {
          refused: {
            code: 'unknown_task',
            text: `This agency does not do the task ${asked.task.slice(0, 60)}.`,
          },
        }
    if ('refused' in outcome) {
      const answer = { status: 'refused', reason: outcome.refused } as const
      write({ kind: 'answered', ...asked, answer })
      return answer
    }
    const answer = { status: 'done', reference, result: outcome.result } as const
    const report = makeEvent(of.agency, {
      id: `task-${asked.key}`,
      type: outcome.event.type,
      time: of.now().toISOString(),
      data: outcome.event.data,
    })
    write({ kind: 'answered', ...asked, answer, report })
    return answer
  }

  function answerOf(entry: Entry): TaskAnswer | undefined {
    if (entry.answer) return entry.answer
    if (entry.undone)
      return {
        status: 'refused',
        reason: { code: 'undone', text: 'This task was taken back before it was done.' },
      }
    return entry.asked && { status: 'working', reference: referenceOf(of.agency, entry.asked.key) }
  }

  return {
    perform: ({ data, ...asked }, slow_ms) => {
      const entry = entries.get(asked.key)
      if (entry?.asked && entry.asked.hash !== asked.hash) return undefined
      const before = entry && answerOf(entry)
      if (before) return before
      if (slow_ms === 0) return finish({ ...asked, data })
      const ready_at = new Date(Date.now() + slow_ms).toISOString()
      write({ kind: 'taken', ...asked, data, ready_at })
      finishLater(asked.key, ready_at)
      return { status: 'working', reference: referenceOf(of.agency, asked.key) }
    },
    find: (key) => {
      const entry = entries.get(key)
      return entry && answerOf(entry)
    },
    undo: (key, task) => {
      const entry = entries.get(key)
      const undoes = Object.keys(office.tasks).filter((name) => office.tasks[name]!.undo === task)
      const fits = entry?.asked ? undoes.includes(entry.asked.task) : undoes.length > 0
      if (!fits && entry?.answer?.status !== 'refused') return undefined
      if (entry?.undone || entry?.answer?.status === 'refused') return { status: 'done' }
      clearTimeout(timers.get(key))
      timers.delete(key)
      const report =
        entry?.report && retraction(entry.report, { id: `task-${key}-undone`, time: of.now().toISOString() })
      write({ kind: 'undone', key, task, ...(report ? { report } : {}) })
      return { status: 'done' }
    },
    queue: (event) => {
      if (outbox.has(event.id) || answers[event.id]) return false
      write({ kind: 'queued', report: event })
      return true
    },
    reported: (event, answer) => write({ kind: 'reported', id: event.id, answer }),
    effects: () =>
      [...entries].map(([key, { asked, effects, undone }]) => ({
        key,
        task: asked?.task ?? '',
        journey: asked?.journey ?? '',
        done: effects,
        undone,
      })),
    answers: () => answers,
    close: () => {
      for (const timer of timers.values()) clearTimeout(timer)
      journal.close()
    },
  }
}

/** What the lines of the journal amount to. `apply` is the one place that changes it: replay and new lines go the same way. */
function makeKnowledge() {
  const entries = new Map<string, Entry>()
  const outbox = new Map<string, CloudEvent>()
  const answers: { [id: string]: Answer } = {}
  const done_by_task = new Map<string, number>()

  function apply(line: Line): void {
    if ('report' in line && line.report) outbox.set(line.report.id, line.report)
    if (line.kind === 'reported') {
      outbox.delete(line.id)
      answers[line.id] = line.answer
    } else if (line.kind !== 'queued') applyToEntry(line)
  }

  function applyToEntry(line: Exclude<Line, { kind: 'queued' | 'reported' }>): void {
    const entry: Entry = entries.get(line.key) ?? { undone: false, effects: 0 }
    entries.set(line.key, entry)
    if (line.kind === 'undone') {
      entry.undone = true
      delete entry.working
      return
    }
    entry.asked = { key: line.key, task: line.task, journey: line.journey, hash: line.hash }
    if (line.kind === 'taken') {
      entry.working = { data: line.data, ready_at: line.ready_at }
      return
    }
    delete entry.working
    entry.answer = line.answer
    if (line.report) entry.report = line.report
    if (line.answer.status !== 'done') return
    entry.effects++
    done_by_task.set(line.task, (done_by_task.get(line.task) ?? 0) + 1)
  }

  return { entries, outbox, answers, done_by_task, apply }
}

/** The number an agency gives to what it did: from the key, so that it is the same after a crash. */
const referenceOf = (agency: string, key: string): string =>
  `${agency.toUpperCase()}-${key.slice(-12).toUpperCase()}`
