/** `node boot.js run test/feel-profile.ts`: writes docs/feel-profile.md, the share of the DMN TCK that is in profile. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { feelProfile, profileText } from './feel-tck.ts'

const file = join(import.meta.dirname, '..', 'docs', 'feel-profile.md')
writeFileSync(file, profileText(feelProfile()))
