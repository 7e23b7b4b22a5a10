/** Words for people: a folder with one YAML file a language, `key: ICU message`, read once when the program starts. */
import { readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { parse } from 'yaml'

export type Args = { readonly [name: string]: string | number }

export type Words<Locale extends string, Key extends string> = {
  /** One message in one language. Plain text: whoever shows it escapes it. @throws when there are no words for the key */
  say(locale: Locale, key: Key, args?: Args): string
  /** Whether there are words for a key made at run time, e.g. of a refusal's code. */
  has(key: string): key is Key
  /** All messages of one language, unparsed. */
  read(locale: Locale): { readonly [key: string]: string }
}

/**
 * The words of a folder. Throws when a file cannot be read: a program must not start without words.
 * @param folder ends in a slash; `<locale>.yaml` stands in it for each locale, the first of which has every key
 */
export function openWords<Locale extends string, Key extends string>(
  folder: URL,
  locales: readonly Locale[],
): Words<Locale, Key> {
  const words = new Map(
    locales.map((locale) => [
      locale,
      parse(readFileSync(new URL(`${locale}.yaml`, folder), 'utf8')) as { readonly [key: string]: string },
    ]),
  )
  const formats = new Map<string, IntlMessageFormat>()
  return {
    say(locale, key, args = {}) {
      const message = words.get(locale)?.[key]
      if (message === undefined)
        throw new Error(`no words for ${key} in ${locale}: add them to ${folder.pathname}${locale}.yaml`)
      if (!message.includes('{')) return message
      const name = `${locale} ${key}`
      let format = formats.get(name)
      if (!format) {
        format = new IntlMessageFormat(message, locale, undefined, { ignoreTag: true })
        formats.set(name, format)
      }
      return String(format.format(args))
    },
    has: (key): key is Key => words.get(locales[0]!)?.[key] !== undefined,
    read: (locale) => words.get(locale)!,
  }
}
