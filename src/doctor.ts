import { existsSync } from 'node:fs'
import pg from 'pg'
import { passkeysPossible } from './identity/identity.ts'
import { loadPack } from './packs/packs.ts'
import { startEmbedded } from './platform/embedded.ts'
import { errorText } from './platform/logs.ts'
import { readSettings, type Settings } from './platform/settings.ts'

/** What works here and what does not, a line each, with what to do. Returns the exit code. */
export async function doctor(out: (line: string) => void): Promise<number> {
  let bad = 0
  const say = (ok: boolean, what: string, todo = '') => {
    if (!ok) bad++
    out(
      `${ok ? 'ok  ' : 'BAD '} ${what}${ok || !todo ? '' : `\n     → ${todo.replaceAll('\n', '\n       ')}`}`,
    )
  }
  const major = Number(process.versions.node.split('.')[0])
  say(major >= 24, `Node ${process.versions.node}`, 'Node 24 or newer is needed.')
  let settings: Settings | null = null
  try {
    settings = readSettings(process.env)
    say(true, 'settings')
  } catch (error) {
    say(false, 'settings', (error as Error).message)
  }
  if (!settings) return 1
  const pack = loadPack(settings.PACK)
  say(pack.ok, `pack ${settings.PACK}`, `Each mistake is named by: hamroh pack check ${settings.PACK}`)
  if ((settings.OIDC_ISSUER || settings.ONEID_URL) && !settings.DEMONSTRATION)
    say(
      passkeysPossible(settings.PUBLIC_URL ?? `http://${settings.HOST}`),
      'PUBLIC_URL is one that passkeys work at',
      'Civil servants sign in with passkeys, which browsers bind to a name over https: set PUBLIC_URL to that.',
    )
  await checkDatabase(settings, say)
  const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].some((p) =>
    existsSync(p),
  )
  out(
    `${chromium ? 'ok  ' : 'note'} Chromium ${chromium ? 'for' : 'is missing: only needed for'} the browser tests`,
  )
  return bad === 0 ? 0 : 1
}

async function checkDatabase(
  settings: Settings,
  say: (ok: boolean, what: string, todo?: string) => void,
): Promise<void> {
  try {
    const embedded = settings.DATABASE_URL ? null : await startEmbedded(settings.HAMROH_DATA)
    const client = new pg.Client({
      connectionString: settings.DATABASE_URL ?? embedded!.url,
      connectionTimeoutMillis: 5000,
    })
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query<{ v: string; creates: boolean }>(
      "select current_setting('server_version_num') as v, (select rolcreaterole or rolsuper from pg_roles where rolname = current_user) as creates",
    )
    await client.end()
    if (embedded?.started) await embedded.stop()
    const version = Math.floor(Number(rows[0]!.v) / 10_000)
    say(
      version >= 15,
      `PostgreSQL ${version} (${embedded ? 'embedded' : 'DATABASE_URL'})`,
      'PostgreSQL 15 or newer is needed.',
    )
    say(
      rows[0]!.creates,
      'the database user may create roles',
      'Migration needs CREATEROLE once, or the roles hamroh_engine, hamroh_gate and hamroh_sequencer made beforehand.',
    )
  } catch (error) {
    say(false, 'database', errorText(error))
  }
}
