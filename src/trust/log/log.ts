/** The transparency log of a program: its keys, its loops, what it tells the public, and each person about themselves. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, DateText } from '../../platform/clock.ts'
import { type Database, openDatabase } from '../../platform/database.ts'
import type { SubjectId } from '../../platform/ids.ts'
import type { Log } from '../../platform/logs.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { Refused, vkeyText } from '../verify/note.ts'
import type { ProofFile } from '../verify/person.ts'
import { type Policy, quorumSize, readPolicy } from '../verify/policy.ts'
import {
  type Keeper,
  type LogSigner,
  logSigner,
  newKeeper,
  newSigningKey,
  readKeeper,
  secretFile,
} from './keys.ts'
import { proofOf, proofsOf } from './proofs.ts'
import { type Pace, type RunningLog, startLog } from './running.ts'
import {
  countSealed,
  findCheckpoint,
  findPublished,
  insertKeys,
  lastEnough,
  listKeys,
  listWitnesses,
  lockFolder,
} from './store.ts'

export type LogSettings = {
  /** Where the database is; the log opens connections of its own role. */
  readonly url: string
  /** Data folder: keys, and `log/` with the public files. */
  readonly data: string
  /** Name of the log at its first start; afterwards it is kept. */
  readonly origin: string
  /** Whether the operator chose that name: then another one in the database is a mistake. */
  readonly origin_chosen: boolean
  /** Private keys in PEM, and base64 of the key of keys; without them they stand in files of the data folder. */
  readonly signing_keys?: string | undefined
  readonly keeper?: string | undefined
  /** File with witnesses and quorum. */
  readonly policy_file?: string | undefined
}

export type TransparencyLog = {
  /** Folder of the public files. */
  readonly folder: string
  /** The text others may check with: the log's keys, its witnesses and their quorum. */
  readonly policy: string
  status(): Promise<LogStatus>
  /** Entries under the checkpoint this process's folder shows; null before the first. */
  shown(): number | null
  sealed(): Promise<{ readonly agency: string; readonly month: string; readonly entries: number }[]>
  proofs(
    subject: SubjectId,
    page: { readonly after: number; readonly limit?: number },
  ): Promise<ProofFile | null>
  /** Text of one proof, or null. */
  proof(subject: SubjectId, entry: string): Promise<string | null>
  stop(): Promise<void>
}

export type LogStatus = {
  readonly origin: string
  readonly keys: readonly string[]
  readonly now: string
  /** What is published; null before the first checkpoint. */
  readonly size: number | null
  readonly signed_at: string | null
  /** When enough witnesses last saw the log. */
  readonly witnessed_at: string | null
  readonly quorum: { readonly least: number; readonly of: number }
  readonly witnesses: readonly {
    readonly name: string
    readonly size: number | null
    readonly seen_at: string | null
  }[]
  /** Entries without a place yet, as of the last look. */
  readonly waiting: number
  readonly halted: string | null
}

/**
 * Opens the log and starts it.
 * @throws Error with a sentence when its keys or its policy cannot be used: a log without its key must not go on
 */
export async function openTransparencyLog(
  settings: LogSettings,
  of: { readonly clock: Clock; today(): DateText; readonly log: Log; readonly metrics: Metrics },
  pace: Pace = {},
): Promise<TransparencyLog> {
  const { log, metrics, clock } = of
  const onError = (error: Error) => log.warn({ error }, 'a database connection broke')
  const db = openDatabase({
    url: settings.url,
    role: 'hamroh_sequencer',
    max: 4,
    onError,
    applicationName: 'hamroh log',
  })
  try {
    const policy = readPolicyFile(settings.policy_file)
    const { origin, signer, keeper } = await agreeOnKeys(db, settings, clock)
    const folder = join(settings.data, 'log')
    const running = startLog({ db, signer, keeper, origin, folder, policy, ...of, clock, log, metrics }, pace)
    let stopped: Promise<void> | null = null
    // Everybody may ask how the log does; the database is asked once a second at most.
    const told = { at: 0, status: Promise.resolve(null as LogStatus | null) }
    const status = async (): Promise<LogStatus> => {
      if (clock.now().getTime() - told.at >= STATUS_MS) {
        told.at = clock.now().getTime()
        told.status = statusOf({ db, signer, origin, policy, running, clock })
        told.status.catch(() => {
          told.at = 0
        })
      }
      return (await told.status)!
    }
    const proving = { db, keeper, vkeys: signer.vkeys, files: running.files }
    return {
      folder,
      policy: publicPolicy(signer, policy),
      status,
      shown: () => running.files().published?.size ?? null,
      sealed: () => countSealed(db),
      proofs: (subject, page) => proofsOf(proving, subject, page),
      proof: (subject, entry) => proofOf(proving, subject, entry),
      stop: () => {
        stopped ??= running.stop().then(() => db.end())
        return stopped
      },
    }
  } catch (error) {
    await db.end()
    throw error
  }
}

const STATUS_MS = 500

function readPolicyFile(file: string | undefined): Policy | null {
  if (!file) return null
  try {
    return readPolicy(readFileSync(file, 'utf8'))
  } catch (error) {
    const why = error instanceof Refused ? error.message : 'it cannot be read.'
    throw new Error(`LOG_POLICY: ${file}: ${why}`)
  }
}

/** Addresses of witnesses are nobody's business but the log's. */
const publicPolicy = (signer: LogSigner, policy: Policy | null): string => {
  if (!policy) return `${signer.vkeys.map((vkey) => `log ${vkey}\n`).join('')}quorum none\n`
  const lines = [
    ...signer.vkeys.map((vkey) => `log ${vkey}`),
    ...[...policy.witnesses].map(([name, { key }]) => `witness ${name} ${vkeyText(key)}`),
    ...[...policy.groups].map(([name, { least, members }]) => `group ${name} ${least} ${members.join(' ')}`),
    `quorum ${policy.quorum}`,
  ]
  return `${lines.join('\n')}\n`
}

/**
 * The keys this program has and the keys this log was made with must be the same: with others it would be another log
 * under the same name, and with another key of keys nobody's entries could be read.
 */
async function agreeOnKeys(
  db: Database,
  settings: LogSettings,
  clock: Clock,
): Promise<{ readonly origin: string; readonly signer: LogSigner; readonly keeper: Keeper }> {
  const keeper = readKeeper(settings.keeper ?? secretFile(join(settings.data, 'subject-keys.key'), newKeeper))
  const pem = settings.signing_keys ?? secretFile(join(settings.data, 'log-key.pem'), newSigningKey)
  return db.transaction(async (tx) => {
    await lockFolder(tx, 'log keys')
    const rows = await listKeys(tx)
    const vkeys = rows.flatMap((row) => row.vkey ?? [])
    const origin = vkeys[0]?.split('+')[0] ?? settings.origin
    if (settings.origin_chosen && origin !== settings.origin)
      throw new Error(`LOG_ORIGIN: this log is named ${origin}, and keeps that name.`)
    const signer = logSigner(origin, pem)
    if (vkeys.length > 0 && !signer.vkeys.some((vkey) => vkeys.includes(vkey)))
      throw new Error(
        'The key that signs the log is not the one this log was signed with before. Put log-key.pem (or LOG_KEY) back from its backup; see docs/transparency-log.md.',
      )
    if (rows.some((row) => row.kind === 'data' && row.id !== keeper.id))
      throw new Error(
        'The key of the subjects’ keys is not the one this database was filled with. Put subject-keys.key (or SUBJECT_KEYS_KEY) back from its backup.',
      )
    const log_keys = signer.keys.map((key, i) => ({
      kind: 'log' as const,
      id: key.id,
      vkey: signer.vkeys[i]!,
    }))
    await insertKeys(tx, [...log_keys, { kind: 'data', id: keeper.id, vkey: null }], clock.now())
    return { origin, signer, keeper }
  })
}

async function statusOf(of: {
  readonly db: Database
  readonly signer: LogSigner
  readonly origin: string
  readonly policy: Policy | null
  readonly running: RunningLog
  readonly clock: Clock
}): Promise<LogStatus> {
  const { db, policy, running } = of
  const [shown, signed, enough_at, seen] = await Promise.all([
    findPublished(db),
    findCheckpoint(db),
    lastEnough(db),
    listWitnesses(db),
  ])
  return {
    origin: of.origin,
    keys: of.signer.vkeys,
    now: of.clock.now().toISOString(),
    size: shown?.size ?? null,
    signed_at: signed?.signed_at.toISOString() ?? null,
    witnessed_at: enough_at?.toISOString() ?? null,
    quorum: policy ? quorumSize(policy) : { least: 0, of: 0 },
    witnesses: [...(policy?.witnesses.keys() ?? [])].map((name) => {
      const row = seen.find((s) => s.witness === name)
      return { name, size: row?.size ?? null, seen_at: row?.seen_at.toISOString() ?? null }
    }),
    waiting: running.waiting(),
    halted: running.halted(),
  }
}
