import { DeviceAction, driversForCli, loadSite } from '@gatehouse/contracts';
import {
  BusProbe,
  busOpener,
  driversPid,
  dryRun,
  lineNotes,
  namesOf,
  portText,
  type ReadRequest,
  registerLines,
  scan,
  serialPorts,
  usualBauds,
} from '@gatehouse/drivers/commissioning';
import { readCatalogue, siteProfiles } from '@gatehouse/drivers/profiles';
import { type Clock, errorOf } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { driversProcess } from '../drivers-process.ts';
import { type Output, oneOf, readArgs, required, type Verb } from '../verb.ts';
import { baudsOf, busOf, type Place, place, unitsOf, whole } from './bus-arguments.ts';
import { busSaid, foundLine, frameLine, kindNames, kinds, notesOf, registerText } from './bus-lines.ts';

/** Work on a bus by hand: while the drivers service is stopped, because a bus has one master. */
export function bus(clock: Clock): Verb {
  return {
    usage:
      'bus ports|scan|read|dry-run (--site FILE --bus ID | --path DEVICE [--parity P] [--pause-ms N] | --host HOST [--port N]) [--units 1-32] [--baud LIST] [--unit N --kind coils|inputs|holding|input-registers --from N --count N] [--device ID --action A --hold-s N] [--json]',
    summary: {
      zh: 'ports：本主机的串口设备，以及各自应写的名称；scan：哪些从站应答，波特率是多少；read：寄存器原值及其含义（后两者只读取，并需要先停止门控服务）；dry-run：一条命令会发送的字节，不发送任何内容',
      en: 'ports: the serial devices of this host and the name to write for each; scan: which units answer, at which rate; read: raw registers beside what they mean (both only read, and need the drivers service stopped); dry-run: the bytes a command would send, sending nothing',
    },
    async run(args, output) {
      const [what, ...rest] = args;
      if (what === 'ports') return listPorts(rest, output);
      if (what === 'scan') return scanBus(rest, output, clock);
      if (what === 'read') return readRegisters(rest, output, clock);
      if (what === 'dry-run') return dry(rest, output);
      throw errorOf('USAGE/say', {
        verb: 'bus',
        words: '"bus ports", "bus scan", "bus read" or "bus dry-run"',
      });
    },
  };
}

/** Opens no device: it may be asked while the drivers service runs. */
async function listPorts(args: readonly string[], output: Output): Promise<number> {
  const { values } = readArgs('bus', args, {});
  const { language } = output;
  const ports = await serialPorts({ driversPid: await driversProcess() });
  for (const port of ports) output.line(values.json ? JSON.stringify(port) : portText(port, language));
  if (ports.length === 0) output.note(busSaid(language, 'no-port'));
  return ports.length > 0 ? 0 : 1;
}

async function scanBus(args: readonly string[], output: Output, clock: Clock): Promise<number> {
  const { values } = readArgs('bus', args, { ...place, units: 'string', baud: 'string' });
  const line = busOf(values);
  const units = unitsOf(values.units ?? '1-32');
  const standard = values.site === undefined ? usualBauds : undefined;
  const bauds = values.baud === undefined ? standard : baudsOf(values.baud);
  await refuseWhileDriversRun();
  const { language } = output;
  let found = 0;
  for await (const news of scan({ bus: line, units, clock, ...(bauds ? { bauds } : {}) })) {
    if (news.type === 'found') {
      found++;
      output.line(values.json ? JSON.stringify(news.found) : foundLine(news.found, language));
    } else for (const note of notesOf(news, units.length, language)) output.note(note);
  }
  if (found === 0) output.note(busSaid(language, 'no-answer'));
  return found > 0 ? 0 : 1;
}

async function readRegisters(args: readonly string[], output: Output, clock: Clock): Promise<number> {
  const options = {
    ...place,
    baud: 'string',
    unit: 'string',
    kind: 'string',
    from: 'string',
    count: 'string',
  } as const;
  const { values } = readArgs('bus', args, options);
  const [baud] = values.baud === undefined ? [] : baudsOf(values.baud);
  const line = busOf(values, baud);
  const kind = kinds[oneOf('bus', '--kind', required(values.kind, 'bus', 'kind'), kindNames)];
  const request: ReadRequest = {
    kind,
    unit: whole(required(values.unit, 'bus', 'unit'), 'unit', 1, 247),
    address: whole(values.from ?? '0', 'from', 0, 65_535),
    count: whole(values.count ?? '8', 'count', 1, 125),
  };
  await refuseWhileDriversRun();
  const { language } = output;
  const probe = new BusProbe(busOpener(line, clock), clock);
  try {
    const exchange = await probe.read(request);
    const lines = registerLines(request, exchange, namesAt(values));
    const [sent, received] = [exchange.sent, exchange.received].map((bytes) => bytes.toString('hex'));
    if (values.json) output.line(JSON.stringify({ ...request, sent, received, lines }));
    else {
      output.note(busSaid(language, 'bytes', { sent: sent ?? '', received: received ?? '' }));
      for (const line of lines) output.line(registerText(line, language));
    }
    for (const note of probe.habits ? lineNotes(probe.habits, language) : []) output.note(note);
  } finally {
    probe.close();
  }
  return 0;
}

function namesAt({ site, bus: id }: Place) {
  return site === undefined || id === undefined
    ? undefined
    : namesOf(loadSite(site), id, readCatalogue(undefined, siteProfiles(site)));
}

async function dry(args: readonly string[], output: Output): Promise<number> {
  const { values } = readArgs('bus', args, {
    site: 'string',
    device: 'string',
    action: 'string',
    'hold-s': 'string',
  });
  const action = oneOf('bus', '--action', required(values.action, 'bus', 'action'), DeviceAction.options);
  const holdS = values['hold-s'] === undefined ? undefined : whole(values['hold-s'], 'hold-s', 1, 3_200);
  const file = required(values.site, 'bus', 'site');
  const device = required(values.device, 'bus', 'device');
  const catalogue = readCatalogue(undefined, siteProfiles(file));
  const frames = dryRun(loadSite(file), device, action, holdS, catalogue);
  const { language } = output;
  for (const frame of frames) output.line(values.json ? JSON.stringify(frame) : frameLine(frame, language));
  output.note(busSaid(language, 'not-sent'));
  return 0;
}

/** A bus has one master: two would take each other's replies. */
async function refuseWhileDriversRun(): Promise<void> {
  if ((await driversPid(apiClient(driversForCli))) !== undefined) throw errorOf('DRIVERS_RUN');
}
