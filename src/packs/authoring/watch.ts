/** `pack watch`: runs again whenever a file of the pack is saved, until it is told to stop. */
import { type FSWatcher, readdirSync, type Stats, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { folders } from '../reading/files.ts'
import { openRerun } from './rerun.ts'

/** Editors save in several steps (empty the file and write it, or write beside it and rename): the last one counts. */
const quiet_ms = 60
/** A file still being written reads as a mistake: it is looked at once more before anybody is told. */
const second_look_ms = 200
/** How often a folder that is gone is looked for. */
const gone_ms = 500

/**
 * Watches until SIGINT or SIGTERM. Folders are watched, not files: a file that another is renamed over is a new one, and
 * a watch on the old one would hear nothing more.
 * @returns the exit code: 0 when it was told to stop, 1 when there is no such folder to begin with
 */
export function watchPack(folder: string, out: (line: string) => void): Promise<number> {
  if (!statOf(folder)?.isDirectory()) {
    out(`There is no folder ${JSON.stringify(folder)}.`)
    return Promise.resolve(1)
  }
  return new Promise((resolve) => {
    const watching = openWatching(folder, out)
    const stop = (): void => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      watching.close()
      out(`${folder}: no longer watched`)
      resolve(0)
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    watching.look()
  })
}

function openWatching(folder: string, out: (line: string) => void) {
  const rerun = openRerun(folder, () => performance.now())
  const followed = followedFolders(folder, () => later(quiet_ms, false))
  let timer: NodeJS.Timeout | undefined
  let is_second_look = false
  /** What the files looked like when last told of; null: the folder was gone. */
  let told: string | null = ''

  function later(ms: number, is_second: boolean): void {
    is_second_look = is_second
    clearTimeout(timer)
    timer = setTimeout(look, ms)
  }

  function look(): void {
    followed.renew()
    if (!statOf(folder)?.isDirectory()) {
      if (told !== null) out(`${folder}: the folder is gone; it is waited for`)
      told = null
      later(gone_ms, false)
      return
    }
    // One save is several notices of the system: what looks as it did has been told.
    const looks = looksOf(folder)
    if (looks === told) return
    const { lines, is_refused, accept } = rerun.run()
    if (is_refused && !is_second_look) return later(second_look_ms, true)
    accept()
    told = looks
    is_second_look = false
    for (const line of lines) out(line)
  }

  const close = (): void => {
    clearTimeout(timer)
    followed.close()
  }
  return { look, close }
}

/** Watches on the pack's folder and on those inside it that are there; folders come, go and come back. */
function followedFolders(folder: string, notice: () => void) {
  const watchers = new Map<string, { readonly ino: number; readonly watcher: FSWatcher }>()
  const drop = (path: string): void => {
    watchers.get(path)?.watcher.close()
    watchers.delete(path)
  }
  function renew(): void {
    for (const path of [folder, ...folders.map((name) => join(folder, name))]) {
      const stat = statOf(path)
      if (watchers.get(path)?.ino === stat?.ino) continue
      drop(path)
      if (!stat?.isDirectory()) continue
      try {
        const watcher = watch(path, notice)
        watcher.on('error', notice)
        watchers.set(path, { ino: stat.ino, watcher })
      } catch {
        // Gone between the two looks: the folder above it tells when it is back.
      }
    }
  }
  const close = (): void => {
    for (const path of [...watchers.keys()]) drop(path)
  }
  return { renew, close }
}

/** Name, size and time of every file: differs after every save. */
function looksOf(folder: string): string {
  const inside = (path: string): string[] => {
    try {
      return readdirSync(path).map((name) => join(path, name))
    } catch {
      return []
    }
  }
  const files = [...inside(folder), ...folders.flatMap((name) => inside(join(folder, name)))]
  return files
    .map((path) => {
      const stat = statOf(path)
      return `${path} ${stat?.size} ${stat?.mtimeMs} ${stat?.ino}`
    })
    .join('\n')
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
