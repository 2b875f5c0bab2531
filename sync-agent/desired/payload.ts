/** The platform's side of a desired state; `commands/signer.ts` signs it. */
export const desiredType = 'application/vnd.gatehouse.desired.v1+json';

export interface Wish {
  readonly id: string;
  readonly box: string;
  /** Higher than any before it for this box. */
  readonly version: number;
  readonly user: string;
  /** Epoch milliseconds. */
  readonly issuedMs: number;
  /** `{zones?: {camera: [zone]}, flows?: [node]}` */
  readonly parts: unknown;
}

/** The payload of a desired state. */
export function desiredPayload({ id, box, version, user, issuedMs, parts }: Wish) {
  return {
    specversion: '1.0',
    id,
    source: 'urn:gatehouse:platform',
    type: 'gatehouse.desired.v1',
    time: new Date(issuedMs).toISOString(),
    boxid: box,
    data: { version, user, parts },
  };
}
