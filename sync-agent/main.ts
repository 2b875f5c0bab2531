import {
  loadSite,
  type MediaUplink,
  readSecret,
  siteFileSet,
  type Uplink as UplinkSite,
} from '@gatehouse/contracts';
import { jsonLog, LocalClient, type PartTable, runService, socketPath, systemClock } from '@gatehouse/kit';
import type { BrokerLogin } from './broker/link.ts';
import { Commands } from './commands/commands.ts';
import { Desired } from './desired/desired.ts';
import { MediaSender } from './media/media-sender.ts';
import { RuntimeMedia } from './media/media-source.ts';
import { Uploader } from './media/upload.ts';
import { readClientTls } from './tls/client-tls.ts';
import { wall } from './uplink/egress.ts';
import { MqttSink } from './uplink/mqtt-sink.ts';
import { UplinkOff } from './uplink/off.ts';
import { RuntimeOutbox } from './uplink/outbox-source.ts';
import type { Sink } from './uplink/sink.ts';
import { uplinkChecks } from './uplink/site-checks.ts';
import { Throttle } from './uplink/throttle.ts';
import { Uplink } from './uplink/uplink.ts';
import { WebhookSink } from './webhook/webhook-sink.ts';

/**
 * gatehouse-sync: the upstream link, the box's one way out. It opens no database and no media file; events
 * come from, and acknowledgements go to, the runtime's socket. Environment: GATEHOUSE_SITE,
 * GATEHOUSE_STATE_DIR or GATEHOUSE_RUN_DIR, and the secrets that the site file names.
 */
const log = jsonLog('sync');

function build(): PartTable {
  const siteFile = siteFileSet();
  // Secrets and certificates are read once now, so that a wrong file ends the start with its name instead of
  // a link that never comes up.
  const { box, uplink } = loadSite(siteFile, uplinkChecks(siteFile));
  const shared = { source: new RuntimeOutbox(socketPath('runtime', 'sync')), clock: systemClock, log };
  if (!uplink) return [['uplink', new UplinkOff(shared.source, shared.clock, log)]];
  const commands = uplink.commands && commandsOf(box.id, uplink, siteFile);
  // One bucket: pictures take what events leave of the link.
  const throttle = new Throttle(uplink.maxKbps, systemClock);
  const media = uplink.media && mediaOf(box.id, uplink.media, siteFile, throttle);
  const desired = uplink.commands && desiredOf(box.id, uplink, siteFile);
  return [
    [
      'uplink',
      new Uplink({
        ...shared,
        box: box.id,
        sink: uplink.url.startsWith('http')
          ? webhook(box.id, uplink, siteFile)
          : mqtt(box.id, uplink, siteFile),
        window: uplink.window,
        ackTimeoutMs: uplink.ackTimeoutS * 1000,
        throttle,
        commands,
        beside: [media, desired].filter((part) => part !== undefined),
        random: Math.random,
        inspect: wall({ mediaBase: uplink.media?.url }),
      }),
    ],
    ...(media ? [['media', media] as const] : []),
    ...(commands ? [['commands', commands] as const] : []),
    ...(desired ? [['desired', desired] as const] : []),
  ];
}

const kit = { clock: systemClock, random: Math.random, log };
const tlsReader = ({ tls }: UplinkSite, siteFile: string) => tls && (() => readClientTls(tls, siteFile));

function loginOf(box: string, uplink: UplinkSite, siteFile: string): BrokerLogin {
  return {
    url: uplink.url,
    clientId: `gatehouse-${box}`,
    username: uplink.username,
    password: uplink.password && readSecret(uplink.password, siteFile),
    plaintext: uplink.plaintext,
    tls: tlsReader(uplink, siteFile),
  };
}

function mqtt(box: string, uplink: UplinkSite, siteFile: string): Sink {
  const login = loginOf(box, uplink, siteFile);
  return new MqttSink({ ...kit, box, login, topicPrefix: uplink.topicPrefix });
}

/** Commands come on a connection of their own: what it is sent can hold up no event. */
function commandsOf(box: string, uplink: UplinkSite, siteFile: string): Commands {
  return new Commands({
    ...{ ...kit, box, topicPrefix: uplink.topicPrefix },
    login: { ...loginOf(box, uplink, siteFile), clientId: `gatehouse-${box}-commands` },
    runtime: new LocalClient('runtime', socketPath('runtime', 'sync')),
  });
}

/** So does the desired state: a megabyte on a slow line must not stand before a command. */
function desiredOf(box: string, uplink: UplinkSite, siteFile: string): Desired {
  return new Desired({
    ...{ ...kit, box, topicPrefix: uplink.topicPrefix },
    login: { ...loginOf(box, uplink, siteFile), clientId: `gatehouse-${box}-desired` },
    runtime: new LocalClient('runtime', socketPath('runtime', 'sync')),
  });
}

function mediaOf(box: string, media: MediaUplink, siteFile: string, throttle: Throttle): MediaSender {
  const { url, token, tls } = media;
  return new MediaSender({
    ...{ ...kit, box, url },
    source: new RuntimeMedia(socketPath('runtime', 'sync')),
    uploader: new Uploader({
      ...{ url, throttle, clock: systemClock },
      token: token && readSecret(token, siteFile),
      tls: tls && (() => readClientTls(tls, siteFile)),
    }),
  });
}

function webhook(box: string, uplink: UplinkSite, siteFile: string): Sink {
  return new WebhookSink({
    ...kit,
    box,
    url: uplink.url,
    token: uplink.token && readSecret(uplink.token, siteFile),
    signingSecret: uplink.signingSecret && readSecret(uplink.signingSecret, siteFile),
    tls: tlsReader(uplink, siteFile),
    window: uplink.window,
    timeoutMs: uplink.ackTimeoutS * 1000,
  });
}

await runService(log, build);
