/** The changes of law the simulation bench asks about: real rules of the Uzbek pack, one for each form that matters. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SimulationRequest } from '../../src/council/council.ts'

export type Case = {
  readonly name: string
  readonly rule: string
  /** New values of parameters from the day looked at on. */
  readonly params?: { readonly [name: string]: number | string }
  /** What is written otherwise in the rule's text. */
  readonly edit?: readonly [from: string, to: string]
}

export const cases: readonly Case[] = [
  { name: 'threshold', rule: 'uz.social.child-benefit', params: { income_per_head: 750_000 } },
  { name: 'amount', rule: 'uz.social.child-benefit', params: { base_under_3: 400_000 } },
  {
    name: 'per_vehicle',
    rule: 'uz.vehicles.osago-expires',
    edit: ['car.insured_until - @"P30D"', 'car.insured_until - @"P60D"'],
  },
  {
    name: 'per_vehicle_two_dates',
    rule: 'uz.vehicles.inspection',
    edit: ['car.inspected_on + @"P2Y"', 'car.inspected_on + @"P3Y"'],
  },
  { name: 'per_item_amount', rule: 'uz.social.funeral-benefit', params: { multiple: 5 } },
  {
    name: 'two_dates',
    rule: 'uz.documents.surname-driving-licence',
    edit: ['driving_licence_expiry - @"P10Y"', 'driving_licence_expiry - @"P15Y"'],
  },
  { name: 'business', rule: 'uz.business.vat-limit-near', params: { multiple: 10_000 } },
  {
    name: 'business_per_licence',
    rule: 'uz.business.licence-expires',
    edit: ['licence.valid_until - @"P60D"', 'licence.valid_until - @"P90D"'],
  },
  { name: 'business_per_filing', rule: 'uz.business.profit-advance', params: { income: 10_000_000_000 } },
]

/** The request as the command line would make it. */
export function requestOf({ rule, params, edit }: Case, from: string): SimulationRequest {
  if (params)
    return { rule, changes: Object.entries(params).map(([param, value]) => ({ param, value, from })) }
  const text = textOf(rule)
  const [old, now] = edit!
  if (!text.includes(old)) throw new Error(`${rule} does not say ${old}`)
  const version = Number(/^version: (\d+)$/m.exec(text)![1])
  return {
    rule,
    text: text.replaceAll(old, now).replace(/^version: \d+$/m, `version: ${version + 1}`),
  }
}

function textOf(rule: string): string {
  const folder = 'packs/uz/rules'
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8')
    if (text.startsWith(`id: ${rule}\n`)) return text
  }
  throw new Error(`the pack has no rule ${rule}`)
}
