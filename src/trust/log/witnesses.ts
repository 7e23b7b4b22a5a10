/**
 * Asks witnesses to cosign (C2SP tlog-witness, the client's side). A witness that is away costs nothing but its
 * cosignature: it is asked again later and later, and the log goes on.
 */
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/logs.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { wholeNumber } from '../verify/bytes.ts'
import { consistencyProof, type NodeReader } from '../verify/merkle.ts'
import { checkNote, Refused, readNote, readSignatureLine } from '../verify/note.ts'
import type { Policy, Witness } from '../verify/policy.ts'
import { WITNESS_BYTES_MAX, writeAddCheckpoint } from '../verify/witnessing.ts'
import type { WitnessRow } from './store.ts'

const ANSWER_MS = 2000
/** How long a witness that failed is left alone, doubled each time. */
const AGAIN_MS = { first: 1000, most: 60_000 }
/** An idle log is looked at again this often, so that "seen at" stays true. */
export const REFRESH_MS = 60_000

export type Asking = {
  readonly note: string
  readonly size: number
  readonly reader: NodeReader
  /** What each witness is known to have cosigned last. */
  readonly known: readonly WitnessRow[]
}

export type Witnesses = {
  /** Names of those that may be asked now and whose cosignature of this checkpoint is missing or getting old. */
  due(size: number, known: readonly WitnessRow[]): string[]
  /** Asks these at once; returns the cosignatures they gave. Never throws for a witness that is away or says no. */
  ask(names: readonly string[], of: Asking): Promise<WitnessRow[]>
}

export function openWitnesses(
  policy: Policy,
  of: { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics },
): Witnesses {
  const rests = new Map<string, { until: number; wait_ms: number }>()
  const { clock, log, metrics } = of
  const askOne = async (name: string, asking: Asking): Promise<WitnessRow[]> => {
    try {
      const row = await cosign(name, policy.witnesses.get(name)!, asking, clock)
      rests.delete(name)
      return [row]
    } catch (error) {
      const wait_ms = Math.min(AGAIN_MS.most, 2 * (rests.get(name)?.wait_ms ?? AGAIN_MS.first / 2))
      rests.set(name, { until: clock.now().getTime() + wait_ms, wait_ms })
      metrics.count('hamroh_log_witness_failures_total', 'Cosignatures a witness did not give.', {
        witness: name,
      })
      // What a witness answers is its own: only what we make of it is logged.
      if (error instanceof Refused) log.error({ witness: name, reason: error.message }, 'a witness refused')
      else log.warn({ error, witness: name }, 'a witness did not answer; the log goes on')
      return []
    }
  }
  return {
    due: (size, known) => {
      const now = clock.now().getTime()
      return [...policy.witnesses].flatMap(([name, { url }]) => {
        const last = known.find((row) => row.witness === name)
        const fresh = last?.size === size && now - last.seen_at.getTime() < REFRESH_MS
        return url === null || fresh || (rests.get(name)?.until ?? 0) > now ? [] : [name]
      })
    },
    ask: async (names, asking) => (await Promise.all(names.map((name) => askOne(name, asking)))).flat(),
  }
}

async function cosign(name: string, witness: Witness, asking: Asking, clock: Clock): Promise<WitnessRow> {
  let old_size = asking.known.find((row) => row.witness === name)?.size ?? 0
  for (let tries = 0; ; tries++) {
    const proof = old_size === 0 ? [] : consistencyProof(asking.reader, old_size, asking.size)
    const body = writeAddCheckpoint({ old_size, proof, checkpoint: asking.note })
    const answer = await post(`${witness.url!.replace(/\/$/, '')}/add-checkpoint`, body)
    if (answer.status === 200) {
      const line = await cosignatureOf(witness, asking.note, answer.text)
      return { witness: name, size: asking.size, line, seen_at: clock.now() }
    }
    // It saw another size than we knew of: it says which, and is asked once more.
    const size = answer.status === 409 ? wholeNumber(answer.text.trim()) : null
    if (size === null || tries > 0) throw new Refused(`it answered ${answer.status}`)
    if (size > asking.size)
      throw new Refused(`it has seen this log with ${size} entries, more than the ${asking.size} there are`)
    old_size = size
  }
}

async function post(url: string, body: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(url, {
    method: 'POST',
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  if (Number(answer.headers.get('content-length') ?? 0) > WITNESS_BYTES_MAX) {
    await answer.body?.cancel()
    throw new Refused('it answered with more than a cosignature')
  }
  return { status: answer.status, text: (await answer.text()).slice(0, WITNESS_BYTES_MAX) }
}

/** The line of the answer that is this witness's own and holds; others are ignored, as the specification asks. */
async function cosignatureOf(witness: Witness, note: string, lines: string): Promise<string> {
  const { name, id } = witness.key
  const own = lines.split('\n').find((line) => {
    if (line === '') return false
    const signature = readSignatureLine(line)
    return signature.name === name && signature.id === id
  })
  if (own === undefined) throw new Refused('it did not sign with the key it is known by')
  await checkNote(readNote(`${note.slice(0, note.lastIndexOf('\n\n') + 2)}${own}\n`), [witness.key])
  return `${own}\n`
}
