import { z } from 'zod'
import { simulationReport, simulationRequest } from '../council/council.ts'
import type { Json } from '../platform/canonical.ts'
import { accountPaths } from './openapi-account.ts'

/** The interface described for machines: OpenAPI 3.1, made from the schemas that check. */

const refusal = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  at: z.string().optional(),
  next: z.string().optional(),
  facts: z.record(z.string(), z.json()).optional(),
})

const answer = z.strictObject({
  accepted: z.int(),
  duplicates: z.int(),
  refused: z.int(),
  items: z.array(
    z.strictObject({
      id: z.string().nullable(),
      status: z.enum(['accepted', 'duplicate', 'refused']),
      refusal: z
        .strictObject({
          code: z.string(),
          at: z.string().optional(),
          message: z.string(),
          next: z.string().optional(),
          facts: z.record(z.string(), z.json()).optional(),
        })
        .optional(),
      warnings: z.array(z.string()).optional(),
    }),
  ),
})

const event = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().max(256),
  source: z.string().max(256),
  type: z.string().max(256),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal('application/json').optional(),
  hamrohcorrects: z.string().optional(),
  hamrohretracts: z.string().optional(),
  data: z.json().optional(),
})

const simulation = z.strictObject({
  id: z.uuid(),
  rule: z.string(),
  request: z.json(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  progress: z.strictObject({ done: z.int(), all: z.int() }),
  problem: z.string().nullable(),
  report: simulationReport.nullable(),
  report_sha256: z.string().nullable(),
  signature: z.string().nullable(),
  asked_by: z.string(),
  asked_at: z.iso.datetime(),
})

const publicationRequest = z.strictObject({
  simulation: z.uuid(),
  /** Subjects a second that are worked out at most. */
  per_second: z.int().optional(),
})

const schema = (type: z.ZodType) => z.toJSONSchema(type, { io: 'input' }) as Json
const content = (media: string, type: z.ZodType): Json => ({ content: { [media]: { schema: schema(type) } } })
const problems = Object.fromEntries(
  [400, 401, 403, 404, 405, 409, 413, 415, 422, 503].map((status) => [
    String(status),
    { description: 'refused', ...(content('application/problem+json', refusal) as object) },
  ]),
)

const councilPaths: { readonly [path: string]: Json } = {
  '/v1/simulations': {
    post: {
      operationId: 'askSimulation',
      summary: 'What a changed rule would do: worked out as a job, for civil servants of a publisher',
      security: [{ session: [] }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schema(simulationRequest) } },
      },
      responses: {
        '202': { description: 'its id; look for the report under it' },
        '400': problems['400']!,
        '401': problems['401']!,
        '403': problems['403']!,
        '409': problems['409']!,
        '422': problems['422']!,
      },
    },
  },
  '/v1/simulations/{id}': {
    get: {
      operationId: 'getSimulation',
      summary: 'How far it is, and its signed report',
      security: [{ session: [] }],
      responses: {
        '200': { description: 'the simulation', ...(content('application/json', simulation) as object) },
        '401': problems['401']!,
        '403': problems['403']!,
        '404': problems['404']!,
      },
    },
  },
  '/v1/publications': {
    post: {
      operationId: 'publish',
      summary: 'The head of a publisher publishes what a simulation answered for, once',
      security: [{ session: [] }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schema(publicationRequest) } },
      },
      responses: {
        '200': { description: 'published before: the publication that stands' },
        '201': { description: 'the signed publication' },
        '400': problems['400']!,
        '401': problems['401']!,
        '403': problems['403']!,
        '409': problems['409']!,
        '422': problems['422']!,
      },
    },
  },
  '/v1/publications/{id}': {
    get: {
      operationId: 'getPublication',
      summary: 'A publication, and how far what follows from it is',
      security: [{ session: [] }],
      responses: {
        '200': { description: 'record, signature and run' },
        '401': problems['401']!,
        '403': problems['403']!,
        '404': problems['404']!,
      },
    },
  },
  '/v1/publications/{id}/pause': {
    post: {
      operationId: 'pausePublicationRun',
      summary: 'Stops what follows from a publication after the batch in hand',
      security: [{ session: [] }],
      responses: { '200': { description: 'paused' }, '403': problems['403']!, '409': problems['409']! },
    },
  },
  '/v1/publications/{id}/resume': {
    post: {
      operationId: 'resumePublicationRun',
      summary: 'Lets it go on',
      security: [{ session: [] }],
      responses: { '200': { description: 'goes on' }, '403': problems['403']!, '409': problems['409']! },
    },
  },
}

const proofs = z.strictObject({
  format: z.literal('hamroh-access-proofs/1'),
  subject: z.uuid(),
  keys: z.array(z.string()),
  checkpoint: z.string(),
  entries: z.array(
    z.strictObject({
      index: z.int(),
      salt: z.base64(),
      entry: z.string(),
      proof: z.array(z.base64()),
    }),
  ),
  waiting: z.int(),
  next: z.int().nullable(),
})

const publicFile = (operationId: string, summary: string): Json => ({
  get: {
    operationId,
    summary,
    security: [],
    responses: { '200': { description: 'public, for everybody to keep' }, '404': problems['404']! },
  },
})

/** The public files of the transparency log. */
const log = {
  '/log/checkpoint': publicFile(
    'getCheckpoint',
    'The log’s signed and cosigned checkpoint (C2SP tlog-checkpoint)',
  ),
  '/log/tile/{path}': publicFile('getTile', 'Tiles and entry bundles (C2SP tlog-tiles)'),
  '/log/policy': publicFile('getLogPolicy', 'The log’s own keys, witnesses and quorum (C2SP tlog-policy)'),
  '/log/status.json': publicFile('getLogStatus', 'Size, times, witnesses and whether the log goes on'),
  '/log/sealed.json': publicFile('getSealedCounts', 'How many entries each agency sealed, by month'),
  '/log/audit': publicFile('openAuditor', 'The page with which anybody checks the log'),
  '/log/audit/{file}': publicFile('getAuditorPart', 'Style sheet and script of that page'),
}

/** What a signed-in person can do with what is theirs. */
const own = {
  '/v1/me/proposals': {
    get: {
      operationId: 'listMyProposals',
      summary: 'A signed-in person’s proposals',
      security: [{ session: [] }],
      responses: { '200': { description: 'proposals' }, '401': problems['401']! },
    },
  },
  '/v1/me/proposals/{id}/answer': {
    post: {
      operationId: 'answerMyProposal',
      summary: 'Accept or decline, once',
      security: [{ session: [] }],
      responses: {
        '200': { description: 'the answer that stands' },
        '400': problems['400']!,
        '401': problems['401']!,
        '409': problems['409']!,
      },
    },
  },
  '/v1/me/hearings': {
    get: {
      operationId: 'listMyHearings',
      summary:
        'What is or was intended against a signed-in person: reasons, conditions, facts, until when to answer',
      security: [{ session: [] }],
      responses: { '200': { description: 'hearings' }, '401': problems['401']! },
    },
  },
  '/v1/me/hearings/{id}/answer': {
    post: {
      operationId: 'answerMyHearing',
      summary: 'Say something to it, that a fact is wrong, or that there is nothing to add: once',
      security: [{ session: [] }],
      responses: {
        '200': { description: 'the hearing with its answer' },
        '400': problems['400']!,
        '401': problems['401']!,
        '409': problems['409']!,
        '422': problems['422']!,
      },
    },
  },
  '/v1/me/accesses/proofs': {
    get: {
      operationId: 'getMyAccessProofs',
      summary:
        'A page of a signed-in person’s access entries as committed, with salts, places, inclusion paths and the checkpoint over them',
      security: [{ session: [] }],
      parameters: ['after', 'limit'].map((name) => ({ name, in: 'query', schema: { type: 'integer' } })),
      responses: {
        '200': {
          description: 'a file hamroh audit verify reads',
          ...(content('application/json', proofs) as object),
        },
        '400': problems['400']!,
        '401': problems['401']!,
        '503': problems['503']!,
      },
    },
  },
  '/v1/me/accesses/{id}/proof': {
    get: {
      operationId: 'getMyAccessProof',
      summary: 'The self-contained proof of one entry (C2SP tlog-proof)',
      security: [{ session: [] }],
      responses: { '200': { description: 'text' }, '401': problems['401']!, '404': problems['404']! },
    },
  },
  '/v1/me/graph/{direction}/{kind}/{id}': {
    get: {
      operationId: 'walkMyGraph',
      summary: 'Back to the causes, or forward to the effects, of a thing of one’s own',
      security: [{ session: [] }],
      responses: { '200': { description: 'edges' }, '401': problems['401']! },
    },
  },
}

export const openApi = (): Json => ({
  openapi: '3.1.0',
  info: { title: 'Hamroh', version: '0.1.0', license: { name: 'Apache-2.0' } },
  components: {
    securitySchemes: {
      session: { type: 'apiKey', in: 'cookie', name: 'hamroh' },
      agency: { type: 'http', scheme: 'bearer' },
      demonstration: { type: 'http', scheme: 'bearer' },
    },
  },
  paths: {
    '/v1/events': {
      post: {
        operationId: 'reportEvents',
        summary: 'An agency reports one event or a batch',
        security: [{ agency: [] }],
        requestBody: {
          required: true,
          content: {
            'application/cloudevents+json': { schema: schema(event) },
            'application/cloudevents-batch+json': { schema: schema(z.array(event).max(100_000)) },
          },
        },
        responses: {
          '200': {
            description: 'what became of each item',
            ...(content('application/json', answer) as object),
          },
          ...problems,
        },
      },
    },
    '/v1/event-types': {
      get: {
        operationId: 'listEventTypes',
        summary: 'The event types this agency may report',
        security: [{ agency: [] }],
        responses: { '200': { description: 'event types of the pack' }, '401': problems['401']! },
      },
    },
    ...own,
    ...accountPaths,
    ...councilPaths,
    ...log,
    '/healthz': {
      get: {
        operationId: 'health',
        summary: 'The process lives',
        security: [],
        responses: { '200': { description: 'ok' } },
      },
    },
    '/readyz': {
      get: {
        operationId: 'ready',
        summary: 'It can work: database, migrations, pack',
        security: [],
        responses: { '200': { description: 'ready' }, '503': { description: 'not ready, with the reason' } },
      },
    },
    '/metrics': {
      get: {
        operationId: 'metrics',
        summary: 'Prometheus metrics',
        security: [],
        responses: { '200': { description: 'text format 0.0.4' } },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'describe',
        summary: 'This description',
        security: [],
        responses: { '200': { description: 'OpenAPI 3.1' } },
      },
    },
    '/demonstration/clock': {
      get: {
        operationId: 'readDemonstrationClock',
        summary: 'Only in a demonstration: what time it is',
        security: [],
        responses: { '200': { description: 'now' } },
      },
      post: {
        operationId: 'moveDemonstrationClock',
        summary: 'Only in a demonstration: moves the clock forward',
        security: [{ demonstration: [] }],
        responses: { '200': { description: 'now' }, '400': problems['400']!, '401': problems['401']! },
      },
    },
  },
})
