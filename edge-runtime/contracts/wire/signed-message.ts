import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { Id } from '../primitives.ts';

/**
 * The kinds of message that the platform signs, each in a DSSE envelope (Dead Simple Signing Envelope 1.0.2,
 * secure-systems-lab/dsse). The signature is over the bytes as they were sent, so that no two programs have
 * to agree on the writing of JSON. The payload's type is signed with it, so that nothing else that the
 * platform signs passes for a command. Signatures are Ed25519 (RFC 8032).
 */
export const payloadTypes = {
  command: 'application/vnd.gatehouse.command.v1+json',
  desired: 'application/vnd.gatehouse.desired.v1+json',
} as const;
export type PayloadType = (typeof payloadTypes)[keyof typeof payloadTypes];

/** A public key of the platform, as a site file names it. */
export const PlatformKey = z.strictObject({
  id: Id.describe('Name of the key, as envelopes have it in "keyid"'),
  publicKey: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be the 32 bytes of an Ed25519 public key in base64')
    .describe('openssl pkey -in platform.key -pubout -outform DER | tail -c 32 | base64'),
});
export type PlatformKey = z.infer<typeof PlatformKey>;

/** A list of keys: two while one takes over from another. */
export const PlatformKeys = z
  .array(PlatformKey)
  .min(1)
  .max(8)
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, {
    message: 'two keys have one id',
    params: { fault: 'keys-twice' },
  })
  .describe('Public keys of the platform; a message signed by none of them is refused');

const Base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);

export const SignedEnvelope = z.strictObject({
  payloadType: z.string().max(100),
  payload: Base64,
  signatures: z.array(z.strictObject({ keyid: Id, sig: Base64.length(88) })).length(1),
});
export type SignedEnvelope = z.infer<typeof SignedEnvelope>;

export type EnvelopeRefusal =
  | 'MESSAGE_TOO_LONG'
  | 'MESSAGE_MALFORMED'
  | 'PAYLOAD_TYPE_WRONG'
  | 'KEY_UNKNOWN'
  | 'SIGNATURE_WRONG';

export type EnvelopeReading =
  | { readonly ok: true; readonly payload: Buffer; readonly key: string }
  | { readonly ok: false; readonly why: EnvelopeRefusal; readonly key?: string };

/**
 * Reads an envelope and verifies its signature. Nothing of the payload is looked at before the signature
 * holds. Never throws on any bytes.
 */
export function openEnvelope(
  message: Uint8Array,
  options: { readonly type: PayloadType; readonly keys: readonly PlatformKey[]; readonly maxBytes: number },
): EnvelopeReading {
  if (message.length > options.maxBytes) return { ok: false, why: 'MESSAGE_TOO_LONG' };
  const envelope = SignedEnvelope.safeParse(jsonOf(message));
  if (!envelope.success) return { ok: false, why: 'MESSAGE_MALFORMED' };
  const { payloadType, payload, signatures } = envelope.data;
  const [signature] = signatures;
  const keyid = signature?.keyid ?? '';
  if (payloadType !== options.type) return { ok: false, why: 'PAYLOAD_TYPE_WRONG', key: keyid };
  const key = options.keys.find(({ id }) => id === keyid);
  if (!key) return { ok: false, why: 'KEY_UNKNOWN', key: keyid };
  const body = Buffer.from(payload, 'base64');
  const signed = preAuthentication(payloadType, body);
  const holds = verify(null, signed, keyObject(key), Buffer.from(signature?.sig ?? '', 'base64'));
  return holds ? { ok: true, payload: body, key: keyid } : { ok: false, why: 'SIGNATURE_WRONG', key: keyid };
}

/** JSON of UTF-8 bytes; `undefined` for bytes that are none. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** DSSE 1.0.2, PAE: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body. */
function preAuthentication(type: string, body: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `, 'utf8'),
    body,
  ]);
}

function keyObject({ publicKey }: PlatformKey): KeyObject {
  const x = Buffer.from(publicKey, 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
