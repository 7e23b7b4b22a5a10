/** Where a verifier reads a log's public files from: a folder, or the log's address. Nothing else is needed of either. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogSource } from '../verify/log-check.ts'
import { Refused } from '../verify/note.ts'

const ANSWER_MS = 30_000
/** No file of a log is larger: 256 entries of the largest size. */
const FILE_BYTES_MAX = 256 * 65_537

export const folderSource =
  (folder: string): LogSource =>
  async (path) => {
    try {
      return new Uint8Array(await readFile(join(folder, path)))
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return null
      throw error
    }
  }

/** @throws Refused when the address does not answer as a log does */
export const urlSource = (url: string): LogSource => {
  const prefix = url.replace(/\/$/, '')
  return async (path) => {
    const answer = await fetch(`${prefix}/${path}`, { signal: AbortSignal.timeout(ANSWER_MS) })
    if (answer.status === 404) {
      await answer.body?.cancel()
      return null
    }
    if (!answer.ok || Number(answer.headers.get('content-length') ?? 0) > FILE_BYTES_MAX) {
      await answer.body?.cancel()
      throw new Refused(`${prefix} answered ${answer.status} for ${path}.`)
    }
    return new Uint8Array(await answer.arrayBuffer())
  }
}
