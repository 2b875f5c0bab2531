import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { serialAdapters, stablePath } from '../adapters.ts';
import { troubleBefore } from '../port-trouble.ts';

const usbSocket = (socket: string) => `pci-0000:00:14.0-usb-0:${socket}:1.0-port0`;

interface Plugged {
  readonly tty: string;
  readonly minor: number;
  readonly socket: string;
  /** `ID_SERIAL` as udev's usb_id makes it: maker, model, and the serial number where there is one. */
  readonly id: string;
  readonly serialShort?: string;
  readonly usb: readonly [vendor: string, product: string];
  readonly model: string;
}

/** As CH340 adapters show themselves: no serial number at all. */
const ch340 = (tty: string, minor: number, socket: string): Plugged => ({
  tty,
  minor,
  socket,
  id: '1a86_USB_Serial',
  usb: ['1a86', '7523'],
  model: 'USB_Serial',
});
/** As a genuine FTDI adapter does. */
const ftdi: Plugged = {
  tty: 'ttyUSB2',
  minor: 2,
  socket: '3',
  id: 'FTDI_FT232R_USB_UART_A50285BI',
  serialShort: 'A50285BI',
  usb: ['0403', '6001'] as const,
  model: 'FT232R_USB_UART',
};
/** CP2102 adapters leave the works with the serial number 0001, every one of them. */
const cp2102 = (tty: string, minor: number, socket: string): Plugged => ({
  tty,
  minor,
  socket,
  serialShort: '0001',
  id: 'Silicon_Labs_CP2102_USB_to_UART_Bridge_Controller_0001',
  usb: ['10c4', 'ea60'] as const,
  model: 'CP2102_USB_to_UART_Bridge_Controller',
});

/** A host's files as udev 252 (rules 60-serial.rules) and the kernel lay them out. */
function hostWith(t: TestContext, plugged: readonly Plugged[]): string {
  const root = mkdtempSync(join(tmpdir(), 'gh-host-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const { tty, minor, socket, id, serialShort, usb, model } of plugged) {
    const lines = [
      `S:serial/by-path/${usbSocket(socket)}`,
      `S:serial/by-id/usb-${id}-if00-port0`,
      'I:10362541',
      'E:ID_BUS=usb',
      `E:ID_MODEL=${model}`,
      `E:ID_VENDOR_ID=${usb[0]}`,
      `E:ID_MODEL_ID=${usb[1]}`,
      `E:ID_SERIAL=${id}`,
      ...(serialShort ? [`E:ID_SERIAL_SHORT=${serialShort}`] : []),
      `E:ID_PATH=pci-0000:00:14.0-usb-0:${socket}:1.0`,
      'G:systemd',
      'V:1',
    ];
    write(`run/udev/data/c188:${minor}`, `${lines.join('\n')}\n`);
    write(`sys/dev/char/188:${minor}/uevent`, `MAJOR=188\nMINOR=${minor}\nDEVNAME=${tty}\n`);
  }
  // A keyboard is in the same database, and a UART that is only a reserved place is in sysfs.
  write('run/udev/data/c13:64', 'S:input/by-path/platform-i8042-serio-0-event-kbd\nE:ID_INPUT=1\n');
  write('sys/class/tty/ttyS0/type', '4\n');
  write('sys/class/tty/ttyS1/type', '0\n');
  return root;
}

test('an adapter with a serial number is named by id, one without by its socket, a built-in port by its node', async (t) => {
  const root = hostWith(t, [ch340('ttyUSB0', 0, '1'), ftdi]);
  const found = await serialAdapters(root);
  assert.deepEqual(
    found.map((one) => [one.node, stablePath(one)]),
    [
      ['/dev/ttyS0', '/dev/ttyS0'],
      ['/dev/ttyUSB0', `/dev/serial/by-path/${usbSocket('1')}`],
      ['/dev/ttyUSB2', '/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0'],
    ],
  );
  assert.deepEqual(found[1], {
    node: '/dev/ttyUSB0',
    byId: '/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0',
    byPath: `/dev/serial/by-path/${usbSocket('1')}`,
    usb: '1a86:7523',
    model: 'USB Serial',
    twins: [],
  });
});

for (const [what, one, other] of [
  ['without a serial number', ch340('ttyUSB0', 0, '1'), ch340('ttyUSB1', 1, '2')],
  ['with the serial number of their works', cp2102('ttyUSB0', 0, '1'), cp2102('ttyUSB1', 1, '2')],
] as const)
  test(`two adapters alike ${what} are told apart by their sockets, and their common name is refused`, async (t) => {
    const root = hostWith(t, [one, other, ftdi]);
    const found = await serialAdapters(root);
    assert.deepEqual(
      found.slice(1, 3).map((adapter) => [adapter.twins, stablePath(adapter)]),
      [
        [['/dev/ttyUSB1'], `/dev/serial/by-path/${usbSocket('1')}`],
        [['/dev/ttyUSB0'], `/dev/serial/by-path/${usbSocket('2')}`],
      ],
    );
    const common = `/dev/serial/by-id/usb-${one.id}-if00-port0`;
    const trouble = await troubleBefore(common, { root });
    assert.equal(trouble?.kind, 'alike');
    assert.match(
      trouble?.message ?? '',
      /is claimed by 2 adapters alike .*\(\/dev\/ttyUSB0 and \/dev\/ttyUSB1\)/,
    );
    assert.match(trouble?.remedy ?? '', /by its socket: \S+usb-0:1:1\.0-port0 or \S+usb-0:2:1\.0-port0\./);
    assert.equal(await troubleBefore(`/dev/serial/by-id/usb-${ftdi.id}-if00-port0`, { root }), undefined);
  });

test('where udev does not run nothing is claimed, and nothing refused', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'gh-host-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  assert.deepEqual(await serialAdapters(root), []);
  assert.equal(await troubleBefore('/dev/serial/by-id/usb-any', { root }), undefined);
});

test('an adapter that is pulled while they are listed is left out', async (t) => {
  const root = hostWith(t, [ftdi]);
  rmSync(join(root, 'sys/dev/char/188:2'), { recursive: true });
  assert.deepEqual(
    (await serialAdapters(root)).map(({ node }) => node),
    ['/dev/ttyS0'],
  );
});
