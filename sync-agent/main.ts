import { loadSite, readSecret } from '@gatehouse/contracts';
import {
  GatehouseError,
  jsonLog,
  LocalClient,
  type PartTable,
  runService,
  socketPath,
  systemClock,
} from '@gatehouse/kit';
import type { BrokerLogin } from './broker/link.ts';
import { Commands } from './commands/commands.ts';
import { readClientTls } from './tls/client-tls.ts';
import { UplinkOff } from './uplink/off.ts';
import { RuntimeOutbox } from './uplink/outbox-source.ts';
import { Uplink } from './uplink/uplink.ts';

/**
 * gatehouse-sync: the upstream link, the box's one way out. It opens no database and no media file; events come from,
 * and acknowledgements go to, the runtime's socket. Environment: GATEHOUSE_SITE, GATEHOUSE_STATE_DIR or
 * GATEHOUSE_RUN_DIR, and the secrets that the site file names.
 */
const log = jsonLog('sync');

function build(): PartTable {
  const siteFile = process.env.GATEHOUSE_SITE;
  if (!siteFile)
    throw new GatehouseError(
      'SITE_NOT_SET',
      'input',
      'GATEHOUSE_SITE is not set.',
      'Set it to the site file.',
    );
  const { box, uplink } = loadSite(siteFile);
  const shared = { source: new RuntimeOutbox(socketPath('runtime', 'sync')), clock: systemClock, log };
  if (!uplink) return [['uplink', new UplinkOff(shared.source, shared.clock, log)]];
  // Read once now, so that a wrong file ends the start with its name instead of a link that never comes up.
  if (uplink.tls) readClientTls(uplink.tls, siteFile);
  const login = {
    url: uplink.url,
    clientId: `gatehouse-${box.id}`,
    username: uplink.username,
    password: uplink.password && readSecret(uplink.password, siteFile),
    tls: uplink.tls && (() => readClientTls(uplink.tls ?? {}, siteFile)),
  };
  return [
    [
      'uplink',
      new Uplink({
        ...shared,
        box: box.id,
        login,
        topicPrefix: uplink.topicPrefix,
        window: uplink.window,
        ackTimeoutMs: uplink.ackTimeoutS * 1000,
        random: Math.random,
      }),
    ],
    ...(uplink.commands ? [['commands', commandsOf(box.id, uplink.topicPrefix, login)] as const] : []),
  ];
}

function commandsOf(box: string, topicPrefix: string, login: BrokerLogin): Commands {
  return new Commands({
    ...{ box, topicPrefix, clock: systemClock, random: Math.random, log },
    login: { ...login, clientId: `gatehouse-${box}-commands` },
    runtime: new LocalClient('runtime', socketPath('runtime', 'sync')),
  });
}

await runService(log, build);
