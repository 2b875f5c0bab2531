import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';

/**
 * The platform's side of a signed message, written against DSSE and node:crypto alone: it shares no line with
 * the box's verifier, so that the tests hold one against the other.
 */
export interface PlatformKeyPair {
  /** PKCS#8 in PEM: keep it on the platform. */
  readonly privateKey: string;
  /** The 32 bytes in base64: goes into site files. */
  readonly publicKey: string;
}

/** A new Ed25519 key pair. */
export function newKeyPair(): PlatformKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: Buffer.from(x, 'base64url').toString('base64'),
  };
}

/** Signs a payload. `privateKey` is PEM. Returns the DSSE envelope as JSON text. */
export function signMessage(type: string, payload: unknown, key: { id: string; privateKey: string }): string {
  const body = Buffer.from(JSON.stringify(payload));
  const head = Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `);
  const sig = sign(null, Buffer.concat([head, body]), createPrivateKey(key.privateKey)).toString('base64');
  return JSON.stringify({
    payloadType: type,
    payload: body.toString('base64'),
    signatures: [{ keyid: key.id, sig }],
  });
}

export interface Order {
  readonly id: string;
  readonly box: string;
  readonly device: string;
  readonly action: string;
  readonly holdS?: number;
  readonly user: string;
  readonly reason?: string;
  /** Epoch milliseconds. */
  readonly issuedMs: number;
  readonly lifeMs: number;
}

/** The payload of a command. */
export function commandPayload(order: Order) {
  const { id, box, device, action, holdS, user, reason, issuedMs, lifeMs } = order;
  return {
    specversion: '1.0',
    id,
    source: 'urn:gatehouse:platform',
    type: 'gatehouse.command.v1',
    time: new Date(issuedMs).toISOString(),
    expirytime: new Date(issuedMs + lifeMs).toISOString(),
    boxid: box,
    data: { device, action, ...(holdS ? { holdS } : {}), user, ...(reason ? { reason } : {}) },
  };
}

export const commandType = 'application/vnd.gatehouse.command.v1+json';
