import { createServer, type IncomingMessage, type Server } from 'node:http';
import { listenOnLoopback } from './loopback.ts';
import { nowMs } from './now.ts';
import type { BarrierPlant } from './plants.ts';
import type { RtuSlave } from './rtu-slave.ts';
import type { Sensor } from './sensor.ts';
import type { TcpSlave } from './tcp-slave.ts';

export interface ControlledPlants {
  readonly barrier: BarrierPlant;
  readonly tcp: TcpSlave;
  readonly rtu: RtuSlave | undefined;
  /** XY-MD02 and RS-SJ on the serial line, where there are any. */
  readonly temperature?: Sensor;
  readonly water?: Sensor;
  /** The site file's name of each board's bus. */
  readonly busIds: { readonly tcp: string; readonly rtu: string };
}

const maxBodyBytes = 4096;

/**
 * Commands to the simulated plants, on loopback:
 * `GET /state`; `GET /writes`: every coil write so far with its age, for whoever counts what really moved;
 * `POST /loop {"occupied":bool}`; `POST /power {"board":"tcp"|"rtu","on":bool}`;
 * `POST /mute {"board":"tcp"|"rtu","on":bool}`; `POST /stuck {"relay":0..7,"on":bool}` (TCP board);
 * `POST /temperature {"celsius":50}`; `POST /water {"on":bool}`: what the sensors of the serial line measure;
 * `POST /contact {"bus":"gate-bus","unit":1,"channel":0..7,"closed":bool}`: a person's hand on an input.
 */
export class ControlServer {
  readonly #plants: ControlledPlants;
  #server: Server | undefined;
  #port: number | undefined;

  constructor(plants: ControlledPlants) {
    this.#plants = plants;
  }

  get port(): number | undefined {
    return this.#port;
  }

  async listen(port: number): Promise<void> {
    const server = createServer((request, response) => {
      this.#route(request)
        .then((body) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        )
        .catch((error) => response.writeHead(400).end(`${error instanceof Error ? error.message : error}\n`));
    });
    this.#server = server;
    this.#port = await listenOnLoopback(server, port);
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #route(request: IncomingMessage): Promise<unknown> {
    // Loopback does not keep out what a web page makes this machine's browser send; browsers name their
    // origin.
    if (request.headers.origin !== undefined) throw new Error('web pages have no say here');
    const { barrier, tcp, rtu } = this.#plants;
    if (request.method === 'GET') return this.#read(request.url);
    const body = await readJson(request);
    const on = body.on === true;
    switch (`${request.method} ${request.url}`) {
      case 'POST /loop':
        barrier.loopOccupied = body.occupied === true;
        break;
      case 'POST /power':
        if (body.board === 'rtu' && rtu) {
          if (on) rtu.fault = { kind: 'none' };
          else rtu.powerOff();
        } else if (on) {
          if (!tcp.listening) await tcp.listen();
        } else await tcp.powerOff();
        break;
      case 'POST /mute':
        (body.board === 'rtu' && rtu ? rtu : tcp).fault = { kind: on ? 'mute' : 'none' };
        break;
      case 'POST /stuck':
        if (on) tcp.board.stuck.add(Number(body.relay));
        else tcp.board.stuck.delete(Number(body.relay));
        break;
      case 'POST /temperature':
      case 'POST /water':
        this.#sense(body);
        break;
      case 'POST /contact':
        this.#hand(body);
        break;
      default:
        throw new Error(`no route ${request.method} ${request.url}`);
    }
    return this.#state();
  }

  #sense({ celsius, on }: Record<string, unknown>): void {
    const { temperature, water } = this.#plants;
    if (typeof celsius === 'number') temperature?.registers.set(1, Math.round(celsius * 10) & 0xffff);
    else if (typeof on === 'boolean') water?.registers.set(2, on ? 2 : 1);
    else throw new Error('say {"celsius": number} or {"on": true or false}');
  }

  #hand({ bus, unit, channel, closed }: Record<string, unknown>): void {
    const { tcp, rtu, busIds } = this.#plants;
    const slave = bus === busIds.tcp ? tcp : bus === busIds.rtu ? rtu : undefined;
    if (!slave) throw new Error(`no board on a bus "${bus}"`);
    if (unit !== slave.unit) throw new Error(`no unit ${unit} on ${bus}`);
    const { bank } = slave.board;
    if (!Number.isInteger(channel) || Number(channel) < 0 || Number(channel) >= bank.inputs)
      throw new Error(`channel must be 0 to ${bank.inputs - 1}`);
    if (typeof closed !== 'boolean') throw new Error('closed must be true or false');
    bank.hand(Number(channel), closed);
  }

  #read(url: string | undefined) {
    if (url === '/state') return this.#state();
    if (url === '/writes') return this.#writes();
    throw new Error(`no route GET ${url}`);
  }

  #state() {
    const { barrier, tcp, rtu } = this.#plants;
    return {
      barrier: {
        position: barrier.position(nowMs()),
        loopOccupied: barrier.loopOccupied,
        loweredOntoVehicle: barrier.loweredOntoVehicle,
      },
      tcp: { writes: tcp.board.writes.length, connections: tcp.connections },
      rtu: rtu && { writes: rtu.board.writes.length },
    };
  }

  #writes() {
    const { tcp, rtu } = this.#plants;
    const now = nowMs();
    const aged = (slave: TcpSlave | RtuSlave | undefined) =>
      slave?.board.writes.map(({ atMs, ...write }) => ({ ...write, agoMs: now - atMs })) ?? [];
    return { tcp: aged(tcp), rtu: aged(rtu) };
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > maxBodyBytes) throw new Error('body too large');
  }
  const body: unknown = JSON.parse(text || '{}');
  if (typeof body !== 'object' || body === null) throw new Error('body must be an object');
  return { ...body };
}
