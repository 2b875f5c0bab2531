import type { Clock } from '@gatehouse/kit';
import { CameraFault, unreachable } from './camera-fault.ts';
import { type CameraAnswer, CameraSession } from './camera-session.ts';
import { addressOf, type CameraSource } from './camera-source.ts';
import type { LoginKind } from './login.ts';
import { Origins } from './origins.ts';
import { forFfmpeg } from './translate.ts';

export interface CameraProbe {
  /** The reason why a pull would fail. */
  readonly fault: CameraFault | undefined;
  /** Status of its answer to DESCRIBE; undefined without an answer. */
  readonly status: number | undefined;
  readonly login: LoginKind;
  /** Schemes that it offered when it asked for a login, in lower case. */
  readonly offered: readonly string[];
  /** SHA-256 of its certificate, if it uses TLS, and whether the certificate is known. */
  readonly certificate: string | undefined;
  readonly verified: boolean;
}

const connectWithinMs = 3_000;
/** After the connection, milliseconds; a recorder under load takes a second or two. */
const answerWithinMs = 5_000;

/** Sends a camera the DESCRIBE of a pull and nothing else. Sends the password once at most. */
export async function probeCamera(source: CameraSource, clock: Clock): Promise<CameraProbe> {
  const ended = Promise.withResolvers<{ fault?: CameraFault | undefined; answer?: CameraAnswer }>();
  let session: CameraSession;
  try {
    const { signal } = new AbortController();
    session = await CameraSession.connect({
      source,
      clock,
      signal,
      connectWithinMs,
      onFrames: () => true,
      onEnd: (fault) => ended.resolve({ fault: fault ?? unreachable('it closed the connection') }),
    });
  } catch (fault) {
    if (!(fault instanceof CameraFault)) throw fault;
    const unseen = { status: undefined, login: 'none', offered: [], certificate: undefined } as const;
    return { fault, ...unseen, verified: false };
  }
  const cancel = clock.after(answerWithinMs, () =>
    ended.resolve({ fault: unreachable(`no answer within ${answerWithinMs / 1000} s`) }),
  );
  const headers = [['accept', 'application/sdp'] as const];
  session.request({ method: 'DESCRIBE', uri: addressOf(source), headers }, (answer) =>
    ended.resolve({ answer }),
  );
  const { fault, answer } = await ended.promise;
  cancel();
  const { login, offered, certificate, verified } = session;
  session.end();
  return {
    fault: fault ?? (answer && foreign(answer, session)),
    status: answer?.status,
    login,
    offered,
    certificate,
    verified,
  };
}

function foreign(answer: CameraAnswer, session: CameraSession): CameraFault | undefined {
  try {
    forFfmpeg(
      'DESCRIBE',
      answer,
      new Origins('rtsp://127.0.0.1/probe', (origin) => session.isCamera(origin)),
    );
    return undefined;
  } catch (error) {
    if (error instanceof CameraFault) return error;
    throw error;
  }
}
