import { lookup } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Clock, systemCode } from '@gatehouse/kit';
import { Turnstile } from '../stills/turnstile.ts';
import { type CameraFault, tlsFailed, unreachable } from './camera-fault.ts';
import { type CameraSource, isSecure, placeOf } from './camera-source.ts';

export interface CameraSocketOptions {
  readonly source: CameraSource;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Time limit for connecting, TLS included, milliseconds; 10 s if absent. */
  readonly connectWithinMs?: number;
  /**
   * Takes received bytes, which are overwritten after the call. Returns false to stop reading until `resume`.
   */
  readonly onBytes: (bytes: Buffer) => boolean;
  /** The connection is over; called once. */
  readonly onEnd: () => void;
}

const usualConnectMs = 10_000;
const endWithinMs = 1_000;
/** Read buffer of a connection; also the most that is held for a slow reader. */
const readBytes = 64 * 1024;
/** Drop policy: the connection, if a camera leaves this much unread. A request has about 300 bytes. */
const maxUnsentBytes = 64 * 1024;

/**
 * At most two host names are resolved at a time. The system's resolver can hold one of Node's four threads
 * for 10 s, and stills and disk access need the others. The connection limiter keeps the number of waiting
 * names at eight or below.
 */
const lookups = new Turnstile(2, 64, 'CAMERA_NAMES_BUSY');
const lookupInTurn: LookupFunction = (hostname, options, callback) => {
  const ask = () =>
    new Promise<void>((resolve) => {
      lookup(hostname, options, (error, address, family) => {
        callback(error, address, family);
        resolve();
      });
    });
  lookups.pass(ask).catch((error: NodeJS.ErrnoException) => callback(error, '', 0));
};

/**
 * One TCP or TLS connection to a camera: to host and port of its address in the site file, never elsewhere.
 */
export class CameraSocket {
  readonly #socket: Socket;
  readonly #clock: Clock;
  /**
   * True if the certificate is the one in the site file, or one that a trusted authority issued for this
   * host.
   */
  readonly verified: boolean;
  /** SHA-256 of the certificate, as `AB:CD:…`. */
  readonly certificate: string | undefined;

  private constructor(socket: Socket, { clock, onEnd }: CameraSocketOptions, shown: Shown) {
    this.#socket = socket;
    this.#clock = clock;
    this.verified = shown.verified;
    this.certificate = shown.certificate;
    socket.once('close', onEnd);
  }

  /** Throws a `CameraFault`. */
  static async connect(options: CameraSocketOptions): Promise<CameraSocket> {
    const { source } = options;
    const socket = isSecure(source) ? dialTls(options) : dial(options);
    socket.setNoDelay(true);
    // For its whole life: an error that nobody listens to would end vision.
    socket.on('error', () => socket.destroy());
    await connected(socket, options);
    try {
      return new CameraSocket(
        socket,
        options,
        isSecure(source) ? checked(socket as TLSSocket, source) : plain,
      );
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  /** Sends; closes the connection if the camera does not read. */
  write(bytes: Buffer): void {
    if (!this.#socket.writable) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > maxUnsentBytes) this.#socket.destroy();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends the rest, then closes; does not wait longer than a second for the camera to take it. */
  end(): void {
    if (this.#socket.destroyed) return;
    this.#socket.destroySoon();
    const cancel = this.#clock.after(endWithinMs, () => this.#socket.destroy());
    this.#socket.once('close', cancel);
  }
}

interface Shown {
  readonly verified: boolean;
  readonly certificate: string | undefined;
}
const plain: Shown = { verified: false, certificate: undefined };

function dial({ source, onBytes }: CameraSocketOptions): Socket {
  const { host, port } = placeOf(source);
  const buffer = Buffer.alloc(readBytes);
  const callback = (count: number, bytes: Uint8Array) =>
    onBytes(Buffer.from(bytes.buffer, bytes.byteOffset, count));
  return connectTcp({ host, port, ...named(host), onread: { buffer, callback } });
}

function dialTls({ source, onBytes }: CameraSocketOptions): Socket {
  const { host, port } = placeOf(source);
  // Cameras sign their own certificates; `checked` decides about them.
  const socket = connectTls({ host, port, ...named(host), rejectUnauthorized: false });
  socket.on('data', (bytes: Buffer) => {
    if (!onBytes(bytes)) socket.pause();
  });
  return socket;
}

function named(host: string) {
  return isIP(host) === 0 ? { lookup: lookupInTurn } : {};
}

function connected(socket: Socket, options: CameraSocketOptions): Promise<void> {
  const { source, clock, signal, connectWithinMs = usualConnectMs } = options;
  return new Promise((resolve, reject) => {
    const settle = (fault?: CameraFault) => {
      cancel();
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', failed);
      if (!fault) return resolve();
      socket.destroy();
      reject(fault);
    };
    const abort = () => settle(unreachable('given up'));
    const failed = (cause: Error) => settle(faultOf(cause));
    const cancel = clock.after(connectWithinMs, () =>
      settle(unreachable(`no connection within ${connectWithinMs / 1000} s`)),
    );
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', failed);
    socket.once(isSecure(source) ? 'secureConnect' : 'connect', () => settle());
    if (signal.aborted) abort();
  });
}

function faultOf(cause: Error): CameraFault {
  const code = systemCode(cause) ?? 'unknown';
  const isTls = code.startsWith('ERR_') || code === 'EPROTO';
  return isTls ? tlsFailed(code, cause) : unreachable(code, cause);
}

/** Throws if the site file names a certificate and the camera shows another one. */
function checked(socket: TLSSocket, { certificate }: CameraSource): Shown {
  const shown = socket.getPeerCertificate().fingerprint256 ?? '';
  const same = (text: string) => text.replaceAll(':', '').toLowerCase();
  if (certificate !== undefined && same(certificate) !== same(shown))
    throw tlsFailed(`its certificate is ${shown || 'none'}`);
  return { verified: certificate !== undefined || socket.authorized, certificate: shown };
}
