import type { EventClass, Uplink, WireAck, WireEvent } from '@gatehouse/contracts';
import type { Clock, GatehouseError, HealthLine, Log, Random } from '@gatehouse/kit';
import type { ClientTls } from '../tls/client-tls.ts';

/** An open way to the platform, until `onDown`. */
export interface SinkLink {
  /** Most events that it takes unconfirmed at once. */
  readonly receiveMaximum: number;
  /** Events sent and not yet confirmed to have been taken over the wire. */
  readonly unconfirmed: number;
  /** MQTT version in use, where it is MQTT. */
  readonly protocol?: 4 | 5;
  /** One line for people about the link though it works, e.g. a certificate that ends soon. */
  warning(): HealthLine | undefined;
  /** Bytes that an event takes on the wire, without TCP and TLS. */
  wireBytes(eventclass: EventClass, payload: string): number;
  /** Takes an event for sending. One that is being sent already may be left out. */
  send(event: WireEvent, payload: string): void;
}

/** Reports of a sink. They are trusted no further than this: the dispatcher judges every number. */
export interface SinkUser {
  onUp(link: SinkLink): void;
  /** The link is gone, or an attempt failed: what is not acknowledged is to be sent again on the next. */
  onDown(reason: GatehouseError): void;
  /** The broker or the HTTP exchange has taken one or more events, or refused them. */
  onConfirmed(error?: Error): void;
  /** The platform says up to where a class is in its database. */
  onAcknowledged(ack: WireAck): void;
  /** The answer in place of an acknowledgement, `why` out of a closed list. */
  onAckRefused(why: string, bytes: number): void;
  /** The platform will never take this event, whatever is done; something else must take its number. */
  onRejected(event: WireEvent, why: string): void;
}

/**
 * Where events go: sends what it is given and says, for each class, up to where the platform has it in its
 * database. Everything else (what to send when, again, and how much) is the dispatcher's.
 */
export interface Sink {
  /** Holds a link, over and over, until the signal aborts. */
  run(user: SinkUser, signal: AbortSignal): Promise<void>;
}

/** The parts a sink is made of. */
export interface SinkParts {
  readonly box: string;
  readonly uplink: Uplink;
  /** Where secrets that the site file names are looked for. */
  readonly siteFile: string;
  readonly tls: (() => ClientTls) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
