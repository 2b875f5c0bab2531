import { type EventClass, readSecret, topics, type WireEvent } from '@gatehouse/contracts';
import {
  type Clock,
  errorOf,
  type GatehouseError,
  type HealthLine,
  type Log,
  type Random,
} from '@gatehouse/kit';
import { keepLink } from '../broker/keep-link.ts';
import type { BrokerLink, BrokerLogin, InboundMessage } from '../broker/link.ts';
import { certificateWarning } from '../tls/client-tls.ts';
import { readAck } from './acknowledgement.ts';
import type { Sink, SinkLink, SinkParts, SinkUser } from './sink.ts';

/** CloudEvents 1.0.2, MQTT binding 3.2: structured mode; JSON is UTF-8 (RFC 8259, 8.1). */
export const contentType = 'application/cloudevents+json';
/** The longest event with its topic and header; a broker that takes less cannot be used. */
const neededPacketBytes = 10 * 1024;
/** PUBLISH's fixed header, packet identifier, topic length and content type property (MQTT 5.0, 3.3). */
const publishOverheadBytes = 42;

export interface MqttSinkOptions {
  readonly box: string;
  readonly login: BrokerLogin;
  readonly topicPrefix: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The box's login at a broker. */
export function brokerLogin({
  box,
  uplink,
  siteFile,
  tls,
}: Pick<SinkParts, 'box' | 'uplink' | 'siteFile' | 'tls'>): BrokerLogin {
  return {
    url: uplink.url,
    clientId: `gatehouse-${box}`,
    username: uplink.username,
    password: uplink.password && readSecret(uplink.password, siteFile),
    plaintext: uplink.plaintext,
    tls,
  };
}

export function mqttSink(parts: SinkParts): Sink {
  const { box, uplink, clock, random, log } = parts;
  return new MqttSink({
    box,
    login: brokerLogin(parts),
    topicPrefix: uplink.topicPrefix,
    clock,
    random,
    log,
  });
}

/** MQTT: an event a message, acknowledgements on a topic of the box's own. */
export class MqttSink implements Sink {
  readonly #options: MqttSinkOptions;
  constructor(options: MqttSinkOptions) {
    this.#options = options;
  }

  run(user: SinkUser, signal: AbortSignal): Promise<void> {
    const { topicPrefix, box, login } = this.#options;
    const topic = topics.acks(topicPrefix, box);
    const onMessage = (message: InboundMessage) => {
      const reading = readAck(message, topic, box);
      if (reading.ok) user.onAcknowledged(reading.ack);
      else user.onAckRefused(reading.why, message.payload.length);
    };
    const onUp = (link: BrokerLink) => {
      if (link.maximumPacketBytes >= neededPacketBytes)
        return user.onUp(new MqttSinkLink(link, this.#options));
      user.onDown(
        errorOf('BROKER_PACKET_LIMIT', {
          url: login.url,
          most: link.maximumPacketBytes,
          needed: neededPacketBytes,
        }),
      );
    };
    const onDown = (reason: GatehouseError) => user.onDown(reason);
    const onConfirmed = (error?: Error) => user.onConfirmed(error);
    return keepLink(this.#options, { filters: () => [topic], onMessage, onConfirmed, onUp, onDown }, signal);
  }
}

class MqttSinkLink implements SinkLink {
  readonly #link: BrokerLink;
  readonly #options: MqttSinkOptions;
  constructor(link: BrokerLink, options: MqttSinkOptions) {
    this.#link = link;
    this.#options = options;
  }
  get protocol(): 4 | 5 {
    return this.#link.protocol;
  }
  get receiveMaximum(): number {
    return this.#link.receiveMaximum;
  }
  get unconfirmed(): number {
    return this.#link.unconfirmed;
  }
  warning(): HealthLine | undefined {
    const { own, peer } = this.#link.certEnds;
    const nowMs = this.#options.clock.epochMs();
    return (
      certificateWarning("this box's certificate (uplink.tls.cert)", own, nowMs) ??
      certificateWarning('the certificate of the platform', peer, nowMs)
    );
  }
  wireBytes(eventclass: EventClass, payload: string): number {
    return publishOverheadBytes + this.#topic(eventclass).length + Buffer.byteLength(payload);
  }
  send({ eventclass }: WireEvent, payload: string): void {
    this.#link.publish(this.#topic(eventclass), payload, contentType);
  }
  #topic(eventclass: EventClass): string {
    return topics.events(this.#options.topicPrefix, this.#options.box, eventclass);
  }
}
