import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeviceEvent,
  driversForCli,
  type Incident,
  runtimeForCli,
  type Site,
  Site as SiteSchema,
} from '@gatehouse/contracts';
import { closeServer } from '@gatehouse/harness';
import { listenOnSocket, systemClock } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { BarrierPlant, DoorPlant } from '../../simulators/plants.ts';
import { RelayBoard } from '../../simulators/relay-board.ts';
import { Sensor } from '../../simulators/sensor.ts';
import { SerialServer } from '../../simulators/serial-server.ts';
import { TcpSlave } from '../../simulators/tcp-slave.ts';
import { Service } from '../../test/rig.ts';
import type { Hands, Task } from '../acceptance/hands.ts';
import { ServicePeer } from '../acceptance/peer.ts';

const helpChannel = 4;
const fireChannel = 7;
const loopChannel = 2;

/**
 * A site of one board (barrier with loop and hold, two interlocked doors, a help button and a fire input) and
 * a sensor.
 */
function siteOn(port: number, serialPort: number): Site {
  const common = { bus: 'bus', unit: 1, profile: 'waveshare-modbus-rtu-relay-8ch' };
  const name = (zh: string, en: string) => ({ 'zh-CN': zh, en });
  const door = { ...common, kind: 'door', pulseMs: 300, moveWithinMs: 3000, failMode: 'safe' } as const;
  return SiteSchema.parse({
    version: 1,
    site: { id: 'demo', name: name('锦绣花园', 'Jinxiu Garden') },
    box: { id: 'box-1' },
    buses: [
      { id: 'bus', kind: 'modbus-tcp', host: '127.0.0.1', port, timeoutMs: 500 },
      { id: 'line', kind: 'modbus-rtu-tcp', host: '127.0.0.1', port: serialPort, timeoutMs: 500 },
    ],
    devices: [
      {
        ...common,
        id: 'barrier',
        kind: 'barrier',
        name: name('东门道闸', 'East barrier'),
        outputs: { open: 0, close: 1, stop: 2 },
        inputs: { open: 0, closed: 1, loop: loopChannel },
        pulseMs: 300,
        moveWithinMs: 5000,
        failMode: 'secure',
        hold: { maxS: 60 },
      },
      { ...door, id: 'outer', name: name('外门', 'Outer door'), outputs: { open: 3 }, inputs: { open: 3 } },
      { ...door, id: 'inner', name: name('内门', 'Inner door'), outputs: { open: 4 }, inputs: { open: 5 } },
    ],
    inputs: [
      { ...common, id: 'help', kind: 'help', name: name('求助按钮', 'Help button'), channel: helpChannel },
      { ...common, id: 'fire', kind: 'fire', name: name('火警', 'Fire panel'), channel: fireChannel },
    ],
    sensors: [
      {
        id: 'pump-room',
        name: name('水泵房', 'Pump room'),
        bus: 'line',
        unit: 5,
        profile: 'xy-md02-temperature-humidity',
      },
    ],
    interlocks: [{ id: 'trap', name: name('门斗', 'Lobby'), doors: ['outer', 'inner'] }],
  });
}

/**
 * The drivers service on simulated plants, a stand-in for the runtime beside it, and hands that close the
 * plants' contacts.
 */
export async function benchSite() {
  const closed = new Set<number>();
  const barrier = new BarrierPlant(
    { openRelay: 0, closeRelay: 1, stopRelay: 2, upLimit: 0, downLimit: 1, loop: loopChannel },
    300,
  );
  const buttons = {
    relay: () => undefined,
    contacts: () => Object.fromEntries([...closed].map((channel) => [channel, true])),
  };
  const doors = [new DoorPlant(3, 3, 20, 4000), new DoorPlant(4, 5, 20, 4000)];
  const slave = new TcpSlave(new RelayBoard([barrier, ...doors, buttons]));
  await slave.listen(0);
  const line = new SerialServer({ baudRate: 9600, turnaroundMs: 2 });
  line.segment.add(5, new Sensor(4, { 1: 235, 2: 512 }));
  await line.listen(0);
  const site = siteOn(slave.port, line.port);
  const service = await Service.start(site);
  const folder = mkdtempSync(join(tmpdir(), 'gh-host-'));
  const host = createServer(async (request, response) => {
    const route = request.url?.split('?')[0] ?? '';
    const body = route === '/incidents' ? await openAlarms(service) : await service.client.call('GET', route);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const socket = join(folder, 'api.sock');
  await listenOnSocket(host, socket);
  const hands: Hands = {
    async act({ channel, on }: Task) {
      if (channel === loopChannel) barrier.loopOccupied = on;
      else if (on) closed.add(channel);
      else closed.delete(channel);
      return systemClock.monotonicMs();
    },
    see: async () => 'yes',
  };
  return {
    site,
    service,
    slave,
    barrier,
    hands,
    hostSocket: socket,
    peer: new ServicePeer(
      apiClient(driversForCli, { socket: service.socket }),
      apiClient(runtimeForCli, { socket }),
      '赵工',
      systemClock,
    ),
    async stop() {
      await closeServer(host);
      await service.stop();
      await slave.close();
      await line.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Open incidents as a runtime would make them of the drivers' alarms. */
async function openAlarms(service: Service): Promise<Incident[]> {
  const open = new Map<string, Incident>();
  for (const event of DeviceEvent.array().parse(await service.events())) {
    if (event.type !== 'alarm') continue;
    const { alarm, kind, priority, device, at } = event;
    if (event.phase === 'cleared') open.delete(alarm);
    else
      open.set(alarm, {
        id: alarm,
        kind,
        phase: 'opened',
        priority,
        device,
        openedAt: at,
        updatedAt: at,
        handling: { state: 'new' },
        stills: [],
      });
  }
  return [...open.values()];
}
