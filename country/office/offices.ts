/**
 * What each agency does when Hamroh asks it: a table. The amounts, addresses and districts come with the task; an
 * agency that misses one refuses, because it must not make it up.
 */
import type { Json } from '../../src/platform/canonical.ts'
import type { DateText } from '../../src/platform/clock.ts'
import { findPlace } from '../people/places.ts'
import { mix } from '../people/random.ts'

export type TaskData = { readonly [name: string]: Json | undefined }

export type Work = {
  readonly today: DateText
  readonly reference: string
  /** How many of this task the agency did before. */
  readonly done_before: number
}

export type Done = {
  readonly result: { readonly [name: string]: Json }
  /** What it reports to Hamroh afterwards. */
  readonly event: { readonly type: string; readonly data: { readonly [name: string]: Json } }
}

export type Refused = { readonly refused: { readonly code: string; readonly text: string } }

export type Office = {
  readonly tasks: {
    readonly [task: string]: { readonly undo: string; perform(data: TaskData, work: Work): Done | Refused }
  }
}

/** The agencies that do tasks, by code. */
export const offices: { readonly [agency: string]: Office } = {
  mia: {
    tasks: { 'residence.register': { undo: 'residence.cancel', perform: registerResidence } },
  },
  health: {
    tasks: { 'polyclinic.attach': { undo: 'polyclinic.detach', perform: attachPolyclinic } },
  },
  preschool: {
    tasks: { 'kindergarten.enqueue': { undo: 'kindergarten.dequeue', perform: enterQueue } },
  },
  pension: {
    tasks: { 'benefit.pay-lump-sum': { undo: 'benefit.stop-lump-sum', perform: pay('lump-sum') } },
  },
  ihma: {
    tasks: { 'benefit.pay-monthly': { undo: 'benefit.stop-monthly', perform: pay('monthly') } },
  },
}

function registerResidence(data: TaskData, work: Work): Done | Refused {
  const child = pinfl(data, 'about')
  const district = text(data, 'residence_district')
  const address = text(data, 'residence_address')
  if (!child) return missing('about.pinfl')
  if (!district || !address) return missing('subject.residence_district and subject.residence_address')
  if (!findPlace(district))
    return {
      refused: {
        code: 'district_unknown',
        text: 'The register has no district with the code that was sent.',
      },
    }
  return {
    result: { district, address, since: work.today },
    event: {
      type: 'uz.mia.residence.registered',
      data: { person: { pinfl: child }, district, address, since: work.today },
    },
  }
}

function attachPolyclinic(data: TaskData, work: Work): Done | Refused {
  const child = pinfl(data, 'about')
  if (!child) return missing('about.pinfl')
  const polyclinic = `${institution(data, 41, 60)}-sonli oilaviy poliklinika${placeOf(data)}`
  return {
    result: { polyclinic, since: work.today },
    event: {
      type: 'uz.health.polyclinic.attached',
      data: { person: { pinfl: child }, polyclinic, since: work.today },
    },
  }
}

function enterQueue(data: TaskData, work: Work): Done | Refused {
  const child = pinfl(data, 'about')
  if (!child) return missing('about.pinfl')
  const kindergarten = `${institution(data, 42, 400)}-sonli davlat maktabgacha taʼlim tashkiloti${placeOf(data)}`
  const place = 18 + work.done_before
  return {
    result: { kindergarten, place, since: work.today },
    event: {
      type: 'uz.preschool.queue.entered',
      data: { person: { pinfl: child }, kindergarten, place, since: work.today },
    },
  }
}

function pay(benefit: 'lump-sum' | 'monthly') {
  return (data: TaskData, work: Work): Done | Refused => {
    const mother = pinfl(data, 'subject')
    const amount = findAmount(data)
    if (!mother) return missing('subject.pinfl')
    if (amount === undefined) return missing('decision.amount (whole tiyin, more than 0)')
    return {
      result: { benefit, amount, paid_on: work.today },
      event: {
        type: 'uz.pension.benefit.paid',
        data: { person: { pinfl: mother }, benefit, amount, reference: work.reference, paid_on: work.today },
      },
    }
  }
}

const missing = (what: string): Refused => ({
  refused: { code: 'incomplete', text: `The task came without ${what}; the agency cannot do it.` },
})

const pinfl = (data: TaskData, who: 'subject' | 'about'): string | undefined => {
  const value = data[`${who}.pinfl`]
  return typeof value === 'string' && /^\d{14}$/.test(value) ? value : undefined
}

/** A text about the child, or else about the mother: a newborn lives where she does. */
const text = (data: TaskData, name: string): string | undefined => {
  const value = data[`about.${name}`] ?? data[`subject.${name}`]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The amount a decision grants: `amount`, or any name that ends in `.amount`. */
function findAmount(data: TaskData): number | undefined {
  for (const [name, value] of Object.entries(data)) {
    if (name !== 'amount' && !name.endsWith('.amount')) continue
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  }
  return undefined
}

/** Number of the institution that serves a district: the same for all who live there. */
function institution(data: TaskData, salt: number, numbers: number): number {
  return 1 + (mix(1, salt, Number(text(data, 'residence_district') ?? 0)) % numbers)
}

function placeOf(data: TaskData): string {
  const place = findPlace(text(data, 'residence_district') ?? '')
  return place ? `, ${place.uz}` : ''
}
