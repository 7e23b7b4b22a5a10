/** A pack's folder to texts: the only place of this folder that touches the disk. */
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { PackMistake } from '../packs.ts'

/** A file that a person reviews is far smaller; a bigger one is a mistake or an attack. */
export const FILE_BYTES_MAX = 256 * 1024
export const FILES_MAX = 1000
/** Files that stand alone, and folders of files of one kind. */
export const singleFiles = [
  'pack.yaml',
  'vocabulary.yaml',
  'agencies.yaml',
  'purposes.yaml',
  'calendar.yaml',
] as const
export const folders = ['events', 'rules', 'tables', 'routes', 'clauses', 'extracts', 'words'] as const

export type PackFile = { readonly file: string; readonly text: string }

/** Every file of the pack in the order of its name, and what about the folder is wrong. Never throws. */
export function readFolder(folder: string): { files: PackFile[]; mistakes: PackMistake[] } {
  const files: PackFile[] = []
  const mistakes: PackMistake[] = []
  const report = (file: string, message: string, expected?: string) =>
    mistakes.push({
      file,
      line: 1,
      column: 1,
      field: '',
      message,
      ...(expected === undefined ? {} : { expected }),
    })
  let root: string
  try {
    root = realpathSync(folder)
    if (!statSync(root).isDirectory()) throw new Error('not a folder')
  } catch {
    report('.', `there is no folder ${JSON.stringify(folder)}`, 'the folder of a pack')
    return { files, mistakes }
  }
  const read = (file: string) => {
    if (files.length >= FILES_MAX) return
    const text = readText(root, file, report)
    if (text !== undefined) files.push({ file, text })
    if (files.length === FILES_MAX) report(file, `a pack has at most ${FILES_MAX} files`)
  }
  for (const name of list(root, report, '')) {
    if ((singleFiles as readonly string[]).includes(name)) read(name)
    else if ((folders as readonly string[]).includes(name)) {
      if (!isInside(root, name) || !statSync(join(root, name)).isDirectory()) {
        report(name, 'is not a folder inside the pack', `a folder of .yaml files`)
        continue
      }
      for (const inner of list(root, report, name)) {
        if (inner.endsWith('.yaml')) read(`${name}/${inner}`)
        else report(`${name}/${inner}`, 'does not belong into a pack', 'a file that ends in .yaml')
      }
    } else if (!documents.test(name)) {
      report(name, 'does not belong into a pack', [...singleFiles, ...folders.map((f) => `${f}/`)].join(', '))
    }
  }
  for (const name of singleFiles) {
    if (!files.some((f) => f.file === name) && !mistakes.some((m) => m.file === name))
      report(name, 'the file is missing')
  }
  return { files, mistakes }
}

/** For people who keep a pack in a repository of its own; they carry no meaning and are not read. */
const documents = /^(README|LICENSE|CHANGELOG)(\.md|\.txt)?$/

type Report = (file: string, message: string, expected?: string) => void

function list(root: string, report: Report, folder: string): string[] {
  try {
    // Names that begin with a dot are the file system's and the version control's.
    return readdirSync(join(root, folder))
      .filter((name) => !name.startsWith('.'))
      .sort()
  } catch {
    report(folder === '' ? '.' : folder, 'the folder cannot be read')
    return []
  }
}

function isInside(root: string, file: string): boolean {
  try {
    return realpathSync(join(root, file)).startsWith(root + sep)
  } catch {
    return false
  }
}

function readText(root: string, file: string, report: Report): string | undefined {
  const path = join(root, file)
  if (!isInside(root, file)) {
    const is_link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
    report(file, is_link ? 'is a link that leads out of the pack or nowhere' : 'cannot be read')
    return undefined
  }
  try {
    const { size } = statSync(path)
    if (!statSync(path).isFile()) {
      report(file, 'is not a file')
      return undefined
    }
    if (size > FILE_BYTES_MAX) {
      report(file, `has ${size} bytes`, `at most ${FILE_BYTES_MAX} bytes`)
      return undefined
    }
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(readFileSync(path))
  } catch (error) {
    report(file, error instanceof TypeError ? 'is not text in UTF-8' : 'cannot be read')
    return undefined
  }
}
