/** Where people live: regions, districts and cities of SOATO (data/README.md names source and licence). */
import { readFileSync } from 'node:fs'
import type { InEachLanguage } from '../words.ts'

export type Place = {
  readonly code: string
  readonly uz: string
  readonly cyrl: string
  readonly ru: string
  readonly en: string
}

/** Rounded shares of the regions, per thousand: plausible, not a statistic. */
const shares: { readonly [region: string]: number } = {
  '1703': 90,
  '1706': 55,
  '1708': 41,
  '1710': 96,
  '1712': 29,
  '1714': 83,
  '1718': 111,
  '1722': 77,
  '1724': 25,
  '1726': 83,
  '1727': 83,
  '1730': 109,
  '1733': 54,
  '1735': 54,
}

const all: readonly Place[] = readFileSync(new URL('../data/soato.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [code, uz, cyrl, ru, en] = line.split(',')
    return { code: code!, uz: uz!, cyrl: cyrl!, ru: ru!, en: en! }
  })

const by_code: ReadonlyMap<string, Place> = new Map(all.map((place) => [place.code, place]))
const by_region: ReadonlyMap<string, readonly Place[]> = new Map(
  Object.keys(shares).map((region) => [
    region,
    all.filter((place) => place.code.length === 7 && place.code.startsWith(region)),
  ]),
)
const total = Object.values(shares).reduce((sum, share) => sum + share, 0)

/** A district for a draw in 0 … 2³²−1: the region by its share, the districts of a region alike. */
export function districtFor(region_draw: number, district_draw: number): Place {
  let left = (region_draw / 2 ** 32) * total
  for (const [region, share] of Object.entries(shares)) {
    left -= share
    if (left < 0) {
      const districts = by_region.get(region)!
      return districts[district_draw % districts.length]!
    }
  }
  throw new Error('the shares of the regions do not cover the draw')
}

/** A region, district or city by its SOATO code, if there is one. */
export const findPlace = (code: string): Place | undefined => by_code.get(code)

/** A region, district or city by its SOATO code. */
export function getPlace(code: string): Place {
  const place = findPlace(code)
  if (!place) throw new Error(`country/data/soato.csv has no place with code ${code}`)
  return place
}

/** All districts and cities, in the order of their codes. */
export const listDistricts = (): readonly Place[] => all.filter((place) => place.code.length === 7)

/** What a place is called in each language. */
export const placeNames = ({ uz, cyrl, ru, en }: Place): InEachLanguage => ({
  'uz-Latn': uz,
  'uz-Cyrl': cyrl,
  ru,
  en,
})
