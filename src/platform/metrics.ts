/** Counters, gauges and histograms in the Prometheus text format (version 0.0.4). Labels are codes, never personal data. */

type Labels = { readonly [name: string]: string }

export type Metrics = {
  count(name: string, help: string, labels?: Labels, by?: number): void
  /** A value read at each scrape. */
  gauge(name: string, help: string, read: () => number): void
  /** Observes a duration in seconds. */
  observe(name: string, help: string, seconds: number, labels?: Labels): void
  text(): string
}

const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

type Series = {
  help: string
  type: string
  values: Map<string, number>
  buckets?: Map<string, number[]>
  read?: () => number
}

export function openMetrics(): Metrics {
  const all = new Map<string, Series>()
  const series = (name: string, help: string, type: string): Series => {
    let found = all.get(name)
    if (!found) {
      found = { help, type, values: new Map() }
      all.set(name, found)
    }
    return found
  }
  return {
    count: (name, help, labels = {}, by = 1) => {
      const { values } = series(name, help, 'counter')
      const key = labelText(labels)
      values.set(key, (values.get(key) ?? 0) + by)
    },
    gauge: (name, help, read) => {
      series(name, help, 'gauge').read = read
    },
    observe: (name, help, seconds, labels = {}) => {
      const s = series(name, help, 'histogram')
      s.buckets ??= new Map()
      const key = labelText(labels)
      let row = s.buckets.get(key)
      if (!row) {
        row = new Array<number>(BUCKETS_S.length + 2).fill(0)
        s.buckets.set(key, row)
      }
      const counts = row
      BUCKETS_S.forEach((limit, i) => {
        if (seconds <= limit) counts[i]!++
      })
      counts[BUCKETS_S.length]!++
      counts[BUCKETS_S.length + 1]! += seconds
    },
    text: () => [...all].map(([name, s]) => seriesText(name, s)).join(''),
  }
}

function seriesText(name: string, s: Series): string {
  let text = `# HELP ${name} ${s.help}\n# TYPE ${name} ${s.type}\n`
  if (s.read) text += `${name} ${s.read()}\n`
  for (const [labels, value] of s.values) text += `${name}${labels && `{${labels}}`} ${value}\n`
  for (const [labels, row] of s.buckets ?? []) {
    const join = (le: string) => `{${labels ? `${labels},` : ''}le="${le}"}`
    BUCKETS_S.forEach((limit, i) => {
      text += `${name}_bucket${join(String(limit))} ${row[i]}\n`
    })
    const count = row[BUCKETS_S.length]
    text += `${name}_bucket${join('+Inf')} ${count}\n${name}_sum${labels && `{${labels}}`} ${row[BUCKETS_S.length + 1]}\n${name}_count${labels && `{${labels}}`} ${count}\n`
  }
  return text
}

const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([k, v]) => `${k}="${v.replace(/["\\\n]/g, '_')}"`)
    .join(',')
