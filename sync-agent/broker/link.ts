import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, errorOf, type GatehouseError } from '@gatehouse/kit';
import { connect, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';
import type { ClientTls } from '../tls/client-tls.ts';
import {
  brokerError,
  closedBy,
  mayBeOlderProtocol,
  sessionTakenOver,
  silent,
  takenOver,
} from './broker-error.ts';
import { PacketSizeLimit } from './packet-size-limit.ts';
import { checkPlaintext } from './plaintext.ts';
import { SilenceTimer } from './silence-timer.ts';

/** MQTT 5 and MQTT 3.1.1 by the number that stands in CONNECT. */
export type Protocol = 5 | 4;

/** Nothing that a broker legitimately sends on most links is longer; a longer packet ends the connection. */
export const maxInboundPacketBytes = 64 * 1024;
/** For CONNACK and SUBACK together. */
const openWithinMs = 10_000;
/**
 * After one and a half times this a broker gives a silent client up (MQTT 5.0, 3.1.2.10). This side asks more
 * often: `SilenceTimer`.
 */
const keepaliveS = 30;
/** MQTT 5.0, 3.2.2.3.3: without the property the receive maximum is 65,535. 3.1.1 knows none. */
const defaultReceiveMaximum = 65_535;

export interface BrokerLogin {
  readonly url: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Host of a broker beyond this machine that may be used without TLS. */
  readonly plaintext?: string | undefined;
  /** Read anew for each connection; may throw `GatehouseError`. */
  readonly tls?: (() => ClientTls) | undefined;
  /** Longest packet that this link takes, bytes, where it is not `maxInboundPacketBytes`. */
  readonly maxPacketBytes?: number;
}

export interface InboundMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retained: boolean;
}

export interface LinkUser {
  /** Topic filters to hold before the link counts as up; QoS 1. */
  filters(protocol: Protocol): readonly string[];
  onMessage(message: InboundMessage): void;
  /**
   * Asked after each message. A promise holds its PUBACK and everything that comes behind it until it
   * resolves, so that a user with nowhere to put more leaves it in the broker. It should resolve well within
   * the keep-alive of 30 s.
   */
  room?(): Promise<void> | undefined;
  /** The broker has taken (PUBACK) or refused one publish. */
  onConfirmed(error?: Error): void;
}

/** When the certificates of the connection end, epoch milliseconds; absent where there is none. */
export interface CertEnds {
  readonly own: number | undefined;
  readonly peer: number | undefined;
}

/**
 * One connection to a broker, from CONNECT to close. mqtt.js is used as a socket only: clean start, session
 * expiry 0, no store, no reconnect, no queue that outlives the connection, because each of those lost events.
 */
export class BrokerLink {
  readonly protocol: Protocol;
  /** Most publishes that the broker wants unconfirmed at once. */
  readonly receiveMaximum: number;
  /** Largest packet the broker takes, bytes; Infinity if it did not say. */
  readonly maximumPacketBytes: number;
  /** Resolves, with the reason, once the connection is gone. */
  readonly closed: Promise<GatehouseError>;
  readonly certEnds: CertEnds;
  readonly #client: MqttClient;
  readonly #user: LinkUser;
  #unconfirmed = 0;

  constructor(
    client: MqttClient,
    connack: IConnackPacket,
    protocol: Protocol,
    user: LinkUser,
    closed: Promise<GatehouseError>,
    certEnds: CertEnds,
  ) {
    this.#client = client;
    this.#user = user;
    this.protocol = protocol;
    this.receiveMaximum = connack.properties?.receiveMaximum ?? defaultReceiveMaximum;
    this.maximumPacketBytes = connack.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.closed = closed;
    this.certEnds = certEnds;
  }

  /** Publishes sent and not yet confirmed by the broker. */
  get unconfirmed(): number {
    return this.#unconfirmed;
  }

  /** QoS 1, not retained. The content type is an MQTT 5 property; 3.1.1 has no place for it. */
  publish(topic: string, payload: string, contentType: string): void {
    this.#unconfirmed++;
    const properties = this.protocol === 5 ? { properties: { contentType } } : {};
    this.#client.publish(topic, payload, { qos: 1, ...properties }, (error) => {
      this.#unconfirmed--;
      this.#user.onConfirmed(error ?? undefined);
    });
  }

  /** Cuts the connection. The caller has to send the messages in flight again. */
  close(): void {
    this.#client.end(true);
  }
}

export interface LinkOptions {
  readonly clock: Clock;
  /** Ends the attempt, or the link. */
  readonly signal: AbortSignal;
}

/** Connects with MQTT 5, or at once with 3.1.1 where the broker refuses 5. Throws `GatehouseError`. */
export async function openLink(
  login: BrokerLogin,
  user: LinkUser,
  options: LinkOptions,
): Promise<BrokerLink> {
  const { signal } = options;
  const dialled = await dial(login, 5, options).catch((error: GatehouseError) => {
    if (signal.aborted || !mayBeOlderProtocol(error)) throw error;
    return dial(login, 4, options);
  });
  const { client, connack, protocol, closed, failed, certEnds, opened, trouble } = dialled;
  const link = new BrokerLink(client, connack, protocol, user, closed, certEnds);
  client.on('message', (topic: string, payload: Buffer, packet: IPublishPacket) =>
    user.onMessage({ topic, payload, retained: packet.retain }),
  );
  const watch = watchSilence(client, login.url, options.clock);
  client.handleMessage = (_packet, done) => {
    const room = user.room?.();
    if (room) void watch.hold(room).then(() => done());
    else done();
  };
  const rap = protocol === 5 ? { rap: true } : {};
  try {
    await Promise.race([client.subscribeAsync([...user.filters(protocol)], { qos: 1, ...rap }), failed]);
    opened();
    watch.start();
    return link;
  } catch (error) {
    client.end(true);
    // The cause of the connection's end comes before the error that mqtt.js makes of it.
    throw brokerError(login.url, trouble() ?? error);
  }
}

/** Cuts the link of a broker that no longer says anything. */
function watchSilence(client: MqttClient, url: string, clock: Clock): SilenceTimer {
  const watch = new SilenceTimer({
    clock,
    ask: () => client.sendPing(),
    onSilent: () => client.emit('error', silent(url, 'it has not answered for 20 s')),
  });
  client.stream.on('data', () => watch.heard());
  client.once('close', () => watch.stop());
  return watch;
}

interface Dialled {
  readonly client: MqttClient;
  readonly connack: IConnackPacket;
  readonly protocol: Protocol;
  readonly closed: Promise<GatehouseError>;
  /** Rejects when the connection is gone. */
  readonly failed: Promise<never>;
  readonly certEnds: CertEnds;
  /** To be called once the link is up: until then the attempt has a limit of time. */
  readonly opened: () => void;
  /** The cause of the connection's end, if it has ended. */
  readonly trouble: () => unknown;
}

async function dial(
  login: BrokerLogin,
  protocol: Protocol,
  { clock, signal }: LinkOptions,
): Promise<Dialled> {
  if (signal.aborted) throw brokerError(login.url, new Error('stopped before connecting'));
  checkPlaintext(login.url, login.plaintext);
  const { ca, cert, key, certEndsMs } = login.tls?.() ?? {};
  const maxBytes = login.maxPacketBytes ?? maxInboundPacketBytes;
  const secured = login.url.startsWith('mqtts:');
  const client = connect(login.url, {
    ...(secured ? { ca, cert, key, rejectUnauthorized: true, minVersion: 'TLSv1.2' as const } : {}),
    protocolVersion: protocol,
    clientId: login.clientId,
    ...(login.username === undefined ? {} : { username: login.username }),
    ...(login.password === undefined ? {} : { password: login.password }),
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // The limit is kept here, by the clock that is given; mqtt.js reads its own.
    connectTimeout: openWithinMs * 2,
    keepalive: keepaliveS,
    ...(protocol === 5 ? { properties: { sessionExpiryInterval: 0, maximumPacketSize: maxBytes } } : {}),
  });
  // Nagle's wait for the peer's delayed ACK would add 40 ms to every small packet: 92 ms a round was
  // measured.
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  gatherWrites(client);
  const abort = () => client.end(true);
  signal.addEventListener('abort', abort, { once: true });
  const opened = clock.after(openWithinMs, () =>
    client.emit('error', silent(login.url, `no answer for ${openWithinMs / 1000} s`)),
  );
  const { ended, trouble } = watchClose(client, login.url, maxBytes);
  const closed = ended.finally(() => {
    opened();
    signal.removeEventListener('abort', abort);
  });
  const failed = closed.then((reason): never => {
    throw reason;
  });
  failed.catch(() => undefined);
  const connack = await Promise.race([connected(client), failed]);
  const certEnds = { own: certEndsMs, peer: peerEndsMs(client) };
  return { client, connack, protocol, closed, failed, certEnds, opened, trouble };
}

function peerEndsMs({ stream }: MqttClient): number | undefined {
  if (!(stream instanceof TLSSocket)) return undefined;
  const endsMs = Date.parse(stream.getPeerCertificate().valid_to);
  return Number.isNaN(endsMs) ? undefined : endsMs;
}

function connected(client: MqttClient): Promise<IConnackPacket> {
  return new Promise((resolve) => client.once('connect', resolve));
}

/**
 * The answers to one read of the socket leave in one write, and before anything else that the read has set
 * going. With a write for each PUBACK, the writes were a tenth of a busy receiver's time.
 */
function gatherWrites({ stream }: MqttClient): void {
  stream.prependListener('data', () => {
    stream.cork();
    setImmediate(() => stream.uncork());
  });
}

/**
 * Remembers the first error; `ended` resolves with it when the stream is gone. Keeps a too long packet out of
 * memory.
 */
function watchClose(client: MqttClient, url: string, maxBytes: number) {
  const sizeLimit = new PacketSizeLimit(maxBytes);
  let first: unknown;
  client.on('error', (error) => {
    first ??= error;
    client.end(true);
  });
  client.on('disconnect', ({ reasonCode = 0 }) => {
    first ??= reasonCode === sessionTakenOver ? takenOver(url) : closedBy(url, ` (reason ${reasonCode})`);
  });
  client.stream.on('data', (chunk: Buffer) => {
    if (sizeLimit.push(chunk)) return;
    first ??= errorOf('BROKER_PACKET_TOO_LONG', { url, limit: maxBytes });
    client.end(true);
  });
  const ended = new Promise<GatehouseError>((resolve) => {
    client.once('close', () => {
      client.end(true);
      resolve(brokerError(url, first ?? closedBy(url, '')));
    });
  });
  return { ended, trouble: () => first };
}
