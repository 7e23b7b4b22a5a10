/**
 * A passkey device in software, for tests: makes ES256 credentials (attestation `none`) and signs assertions, honestly or
 * with whatever a test wants to be wrong. Formats: W3C Web Authentication Level 3 §6.1, §6.5; CBOR by hand, it is little.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

type Options = { readonly challenge: string; readonly rpId?: string; readonly rp?: { readonly id?: string } }

/** What a test may make wrong. */
export type Lie = {
  readonly origin?: string
  readonly rp_id?: string
  readonly challenge?: string
  readonly type?: string
  /** Whether the device says its holder was verified (a fingerprint, a code). */
  readonly verified?: boolean
  readonly counter?: number
  readonly signed_by?: KeyObject
  readonly id?: string
}

export type Device = {
  readonly id: string
  create(options: Options, lie?: Lie): string
  get(options: Options, lie?: Lie): string
}

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

/** @param origin where the browser thinks it is, e.g. `http://localhost:4000` */
export function newDevice(origin: string): Device {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const id = randomBytes(16)
  let counter = 0
  const clientData = (type: string, options: Options, lie: Lie): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: lie.type ?? type,
        challenge: lie.challenge ?? options.challenge,
        origin: lie.origin ?? origin,
        crossOrigin: false,
      }),
    )
  const authData = (options: Options, lie: Lie, rest: Buffer = Buffer.alloc(0)): Buffer => {
    const rp_id = lie.rp_id ?? options.rpId ?? options.rp?.id ?? new URL(origin).hostname
    const flags = 0x01 | (lie.verified === false ? 0 : 0x04) | (rest.length > 0 ? 0x40 : 0)
    const count = Buffer.alloc(4)
    counter++
    count.writeUInt32BE(lie.counter ?? counter)
    return Buffer.concat([sha256(rp_id), Buffer.from([flags]), count, rest])
  }
  const written = (response: object, lie: Lie): string => {
    const name = lie.id ?? id.toString('base64url')
    return JSON.stringify({ id: name, rawId: name, type: 'public-key', response })
  }
  return {
    id: id.toString('base64url'),
    create: (options, lie = {}) => {
      // COSE key: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}.
      const cose = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(x!, 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(y!, 'base64url'),
      ])
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose])
      const data = authData(options, lie, attested)
      // {"fmt": "none", "attStmt": {}, "authData": bytes}
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a06861757468446174615890', 'hex').subarray(0, -1),
        Buffer.from([data.length]),
        data,
      ])
      return written(
        {
          clientDataJSON: clientData('webauthn.create', options, lie).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
        lie,
      )
    },
    get: (options, lie = {}) => {
      const client = clientData('webauthn.get', options, lie)
      const data = authData(options, lie)
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), lie.signed_by ?? privateKey)
      return written(
        {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
        },
        lie,
      )
    },
  }
}
