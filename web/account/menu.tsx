/** The two pages of an account, one beside the other. */
import type { Reader } from '../kit/reader.ts'

export const AccountMenu = ({ reader }: { readonly reader: Reader }) => (
  <nav class="account__menu" aria-label={reader.say('frame.account')}>
    {(['sessions', 'passkeys'] as const).map((page) => (
      <a href={`/${page}`} aria-current={reader.path.split('?')[0] === `/${page}` ? 'page' : undefined}>
        {reader.say(`${page}.title`)}
      </a>
    ))}
  </nav>
)
