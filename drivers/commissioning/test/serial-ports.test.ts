import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PtyPair } from '../../simulators/pty-pair.ts';
import { portUser } from '../../test/peers/port-user.ts';
import { nameAdvice, portAdvice, portText, serialPorts } from '../serial-ports.ts';

const byId = (id: string) => `/dev/serial/by-id/usb-${id}-if00-port0`;
const bySocket = (socket: string) => `/dev/serial/by-path/pci-0000:00:14.0-usb-0:${socket}:1.0-port0`;

/** udev's record of the device that a pseudo-terminal stands in for, so that it can be opened and held. */
async function plugged(t: TestContext, adapters: readonly { id: string; serial?: string; usb: string }[]) {
  const root = mkdtempSync(join(tmpdir(), 'gh-ports-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const nodes: string[] = [];
  for (const [minor, { id, serial, usb }] of adapters.entries()) {
    const pair = new PtyPair(join(root, `tty${minor}`));
    await pair.start();
    t.after(() => pair.stop());
    const [vendor, product] = usb.split(':');
    const properties = [`ID_VENDOR_ID=${vendor}`, `ID_MODEL_ID=${product}`, 'ID_MODEL=USB_Serial'];
    if (serial) properties.push(`ID_SERIAL_SHORT=${serial}`);
    const links = [byId(id), bySocket(String(minor + 1))].map((link) => `S:${link.slice('/dev/'.length)}`);
    write(`run/udev/data/c188:${minor}`, [...links, ...properties.map((one) => `E:${one}`)].join('\n'));
    // The kernel's name is relative to /dev; the stand-in lies elsewhere.
    write(`sys/dev/char/188:${minor}/uevent`, `DEVNAME=..${pair.path}\n`);
    nodes.push(`/dev/..${pair.path}`);
  }
  return { root, nodes };
}

test('the serial devices of a host are listed with the name to write, what they are, and who holds them', async (t) => {
  const { root, nodes } = await plugged(t, [
    { id: '1a86_USB_Serial', usb: '1a86:7523' },
    { id: '1a86_USB_Serial', usb: '1a86:7523' },
    { id: 'FTDI_A50285BI', serial: 'A50285BI', usb: '0403:6001' },
  ]);
  const [, second = '', third = ''] = nodes;
  const holder = await portUser(t, third);
  const lines = (await serialPorts({ root })).map((port) => portText(port, 'en'));
  assert.deepEqual(lines, [
    `${bySocket('1')}  ${nodes[0]}, 1a86:7523 USB Serial, no serial number, alike: ${second}`,
    `${bySocket('2')}  ${second}, 1a86:7523 USB Serial, no serial number, alike: ${nodes[0]}`,
    `${byId('FTDI_A50285BI')}  ${third}, 0403:6001 USB Serial, serial A50285BI, held by python3 (process ${holder.pid})`,
  ]);
  const advice = await portAdvice(third, { root });
  assert.equal(advice.status, 'fail');
  assert.match(advice.detail, /is held by python3/);
});

test('that the drivers service has its line open is no trouble; a program with its name is told as foreign', async (t) => {
  const { root, nodes } = await plugged(t, [{ id: 'FTDI_A50285BI', serial: 'A50285BI', usb: '0403:6001' }]);
  const [node = ''] = nodes;
  const main = join(root, 'drivers/main.ts');
  mkdirSync(join(root, 'drivers'));
  writeFileSync(
    main,
    'require("node:fs").openSync(process.argv[2], "r+"); console.log("x"); setInterval(() => 0, 1e6);',
  );
  const service = spawn(process.execPath, [main, node], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => service.kill());
  await once(service.stdout, 'data');
  const listed = async (driversPid?: number) => {
    const [port] = await serialPorts({ root, driversPid });
    assert.ok(port);
    return portText(port, 'en');
  };
  assert.match(
    await listed(service.pid),
    new RegExp(`held by the drivers service \\(process ${service.pid}\\)`),
  );
  assert.equal(
    (await portAdvice(node, { root, driversPid: service.pid })).status,
    'warn',
    'only its name is told',
  );
  for (const driversPid of [undefined, process.pid]) {
    const { status, detail } = await portAdvice(node, { root, driversPid });
    assert.equal(status, 'fail');
    assert.match(detail, new RegExp(`is held by node ${main} \\(process ${service.pid}\\)`));
    assert.match(await listed(driversPid), new RegExp(`held by node ${main} `));
  }
});

test('a name that may be of another adapter tomorrow is told, with the better one', async (t) => {
  const { root, nodes } = await plugged(t, [
    { id: '1a86_USB_Serial', usb: '1a86:7523' },
    { id: 'FTDI_A50285BI', serial: 'A50285BI', usb: '0403:6001' },
  ]);
  const [one = '', other = ''] = nodes;
  assert.deepEqual(await portAdvice(one, { root }), {
    status: 'warn',
    detail: `${one} may be another adapter after a restart`,
    remedy: `Write path: ${bySocket('1')}`,
  });
  assert.equal((await portAdvice(other, { root })).remedy, `Write path: ${byId('FTDI_A50285BI')}`);
  const [withoutSerial, withSerial] = [byId('1a86_USB_Serial'), byId('FTDI_A50285BI')];
  const adapters = await serialPorts({ root });
  assert.match(
    nameAdvice(withoutSerial, adapters)?.detail ?? '',
    /without a serial number: a second one of its kind/,
  );
  assert.equal(nameAdvice(withSerial, adapters), undefined);
  assert.equal(nameAdvice(bySocket('1'), adapters), undefined);
  const missing = await portAdvice(byId('gone'), { root });
  assert.deepEqual([missing.status, missing.detail], ['fail', `${byId('gone')} is not there.`]);
});
