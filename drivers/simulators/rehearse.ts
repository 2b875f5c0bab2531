/**
 * `npm run sim:doors`: boards, doors and a barrier to rehearse with, shown live in the terminal. `--help`
 * says more.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { displayLines } from './live-display.ts';
import { Rehearsal, readerLink } from './rehearsal.ts';

const help = `Simulated boards on one serial line (9600 8N1), to rehearse with before steel moves.

  npm run sim:doors -- [--pty-link PATH] [--tcp-port N] [--print-site] [--help]

  --pty-link PATH   the serial device to make (default: in a new temporary folder, printed)
  --tcp-port N      the same line through a serial server's TCP port (RTU over TCP; default 1504, 0 takes a free one)
  --print-site      print a site file for this line and end

  unit 1  barrier: relays open, close, stop = 0, 1, 2; inputs up, down, loop = 0, 1, 2
  unit 2  door: relay 0, contact 0 (closed when open)
  unit 3  R413D08: outputs by holding register 1 to 8
  unit 4  16 dry-contact inputs
  unit 5  XY-MD02: temperature and humidity in input registers 1 and 2
  unit 6  water sensor: holding register 2, 1 dry, 2 wet
  PATH-reader: a card reader on a line of its own

Keys: l vehicle on the loop   k open relay of the barrier sticks   w water   t 50 °C or 23.5 °C
      x card 62E3086CED before the reader of the door   y another card   q quit
      1 to 6 next fault of that unit: late, duplicate, flip (wrong CRC), noise, split, join, mute, dead (no power), none
      a to h close or open inputs 0 to 7 of unit 4
`;

const { values } = parseArgs({
  options: {
    'pty-link': { type: 'string' },
    'tcp-port': { type: 'string', default: '1504' },
    'print-site': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const refreshMs = 250;
/** Cards that keys hold before the reader. */
const cards: Readonly<Record<string, string>> = { x: '62E3086CED', y: '0102030405' };
const path = values['pty-link'] ?? join(mkdtempSync(join(tmpdir(), 'gh-rehearsal-')), 'line');

if (values.help) process.stdout.write(help);
else if (values['print-site']) process.stdout.write(siteFile(path));
else await rehearse();

async function rehearse(): Promise<void> {
  const port = Number(values['tcp-port']);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return fail('--tcp-port must be 0 to 65535.');
  const rehearsal = new Rehearsal(path);
  try {
    await rehearsal.start(port);
  } catch (error) {
    await rehearsal.stop();
    return fail(error instanceof Error ? error.message : String(error));
  }
  const where = `serial line ${path}, RTU over TCP 127.0.0.1:${rehearsal.serverPort}`;
  const timer = setInterval(show(rehearsal, where), refreshMs);
  const quit = () => {
    clearInterval(timer);
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    void rehearsal.stop().then(() => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, quit);
  if (!process.stdin.isTTY) return;
  process.stdin.setRawMode(true);
  process.stdin.on('data', (keys: Buffer) => {
    for (const key of keys.toString('latin1')) if (!press(rehearsal, key)) quit();
  });
}

/** False for the keys that end it. */
function press(rehearsal: Rehearsal, key: string): boolean {
  if (key === 'q' || key === '\u0003') return false;
  if (key >= '1' && key <= '6') rehearsal.nextFault(Number(key));
  else if (key === 'l') rehearsal.barrier.loopOccupied = !rehearsal.barrier.loopOccupied;
  else if (key === 'k') rehearsal.toggleStuck();
  else if (key === 'w') rehearsal.water.registers.set(2, rehearsal.water.registers.get(2) === 2 ? 1 : 2);
  else if (key === 't') rehearsal.toggleHeat();
  else if (key in cards) rehearsal.reader.present(Buffer.from(cards[key] ?? '', 'hex'));
  else if (key >= 'a' && key <= 'h') rehearsal.switches.toggle(key.charCodeAt(0) - 'a'.charCodeAt(0));
  return true;
}

/**
 * On a terminal the picture is drawn over itself; elsewhere a line is printed when something other than a
 * count changes.
 */
function show(rehearsal: Rehearsal, where: string): () => void {
  let before = '';
  process.stdout.write(`${where}\n`);
  return () => {
    const units = rehearsal.view();
    if (process.stdout.isTTY) {
      const text = [
        where,
        '',
        ...displayLines(units),
        '',
        'keys: l k w t x y, 1-6 faults, a-h inputs, q quit',
      ];
      process.stdout.write(`\u001b[H\u001b[2J${text.join('\n')}\n`);
      return;
    }
    const text = displayLines(units.map((unit) => ({ ...unit, requests: 0 }))).join('\n');
    if (text !== before) process.stdout.write(`${displayLines(units).join('\n')}\n\n`);
    before = text;
  };
}

function fail(message: string): void {
  process.stderr.write(`sim:doors: ${message}\n`);
  process.exitCode = 1;
}

function siteFile(line: string): string {
  return `version: 1
site: { id: rehearsal, name: { zh-CN: 演练, en: Rehearsal } }
box: { id: rehearsal-box }
buses:
  - { id: line, kind: modbus-rtu, path: ${line}, baudRate: 9600 }
  # The same line through its serial server:
  # - { id: line, kind: modbus-rtu-tcp, host: 127.0.0.1, port: ${values['tcp-port']}, baudRate: 9600 }
devices:
  - id: barrier
    kind: barrier
    name: { zh-CN: 道闸, en: Barrier }
    bus: line
    unit: 1
    profile: barrier-dry-contact-waveshare-8ch
    outputs: { open: 0, close: 1, stop: 2 }
    inputs: { open: 0, closed: 1, loop: 2 }
    pulseMs: 1000
    failMode: safe
  - id: door
    kind: door
    name: { zh-CN: 门, en: Door }
    bus: line
    unit: 2
    profile: waveshare-modbus-rtu-relay-8ch
    outputs: { open: 0 }
    inputs: { open: 0 }
    failMode: secure
sensors:
  - id: pump-room
    name: { zh-CN: 水泵房温湿度, en: Pump room }
    bus: line
    unit: 5
    profile: xy-md02-temperature-humidity
    limits: [{ value: temperature, above: 45, hysteresis: 2, dwellS: 10 }]
  - id: pump-room-water
    name: { zh-CN: 水泵房水浸, en: Pump room floor }
    bus: line
    unit: 6
    profile: renke-rs-sj-water
readers:
  - { id: door-reader, name: { zh-CN: 门口读卡器, en: Door reader }, path: ${readerLink(line)}, door: door }
`;
}
