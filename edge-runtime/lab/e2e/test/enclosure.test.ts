import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { ensureBuilt } from '../../../console/web/build.ts';
import { type Allowed, peersAnnounced, peersOfSite, strangers, strays } from '../enclosure/allowed.ts';
import { enclosedBox, ownDirectories } from '../enclosure/box.ts';
import { checkout, enclosed, reasonToSkip } from '../enclosure/enclosure.ts';
import { leftBehind, sentIn, writtenIn } from '../enclosure/recording.ts';

/**
 * Packets that leave the box, and files that it writes: recorded by the kernel's own means, whatever the
 * product says of itself.
 */
const skip = reasonToSkip();
const collector = 'mobile.events.data.microsoft.com';
const modelHost = 'raw.githubusercontent.com';

describe('an enclosure', { skip }, () => {
  it('records every look-up, connection, datagram and file that is planted, and nothing else', async () => {
    const plant = join(checkout, 'edge-runtime/lab/e2e/enclosure/plant.ts');
    const directories = ['/srv/own'];
    const { status, sent, written, stderr } = await enclosed([process.execPath, plant], {
      directories,
      withinMs: 60_000,
    });
    assert.equal(status, 0, stderr);
    const nothing: Allowed = { peers: [], directories };
    const found = strangers(sent, nothing).map(({ kind, to, name }) => `${kind} ${name ?? to.split(' ')[0]}`);
    assert.deepEqual(found.toSorted(), [
      'connection 203.0.113.9:4444',
      ...(existsSync('/proc/sys/net/ipv6') ? ['connection [2001:db8::9]:4444'] : []),
      'connection connected.example',
      'look-up asked-within.example',
      'look-up connected.example',
      'look-up looked-up.example',
      'packet 203.0.113.10:5555',
    ]);
    const paths = new Set(strays(written, nothing).map(({ path }) => path));
    // For a file that is gone since, its directory is found, or also its own name.
    for (const path of ['/home/operator/.left', '/var/tmp', '/dev/shm/shared', '/tmp', '/etc/hostname'])
      assert.ok(paths.has(path), `${path} was not found among ${[...paths].join(' ')}`);
  });

  it('records nothing of a program that does nothing', async () => {
    const { sent, written } = await enclosed(['true'], { directories: [], withinMs: 60_000 });
    assert.deepEqual([sent, written], [[], []]);
  });
});

describe('the whole box', { skip, timeout: 400_000 }, () => {
  it('asks nobody but whom npm start announces, and writes to its own directories only', async () => {
    await ensureBuilt();
    const { driven, announced, sent, written } = await enclosedBox({
      what: 'demo',
      seconds: 90,
      user: 1000,
    });
    // A silence says something only of a box that was at work. A machine that is short of processor may
    // degrade vision; the box works all the same.
    assert.deepEqual(Object.keys(driven.health).toSorted(), [
      'drivers',
      'flows',
      'runtime',
      'sync',
      'vision',
    ]);
    assert.ok(!Object.values(driven.health).includes('down'), JSON.stringify(driven.health));
    assert.ok(driven.incidents > 0 && driven.inFlow);
    assert.deepEqual(driven.console, [
      ...['/ 200', '/api/cameras 200', '/api/incidents 200', '/api/cameras/inner-road/still 200'],
      ...['flow editor 200', 'live picture', 'barrier confirmed'],
    ]);
    assert.ok(driven.inferring.length > 0);
    for (const { command, telemetryOff } of driven.inferring) assert.ok(telemetryOff, command);
    assert.deepEqual(announced, [`${modelHost}:443`]);
    assert.ok(
      sent.some(({ kind, to }) => kind === 'look-up' && to === modelHost),
      'and was asked',
    );
    const allowed = { peers: announced, directories: ownDirectories };
    assert.deepEqual(strangers(sent, allowed), []);
    assert.ok(
      written.some(({ path }) => path.endsWith('/events.db-wal')),
      'its databases were seen',
    );
    assert.deepEqual(strays(written, allowed), []);
  });

  it('is found out with the telemetry of ONNX Runtime on, by its look-up and by its files', async () => {
    const { driven, announced, sent, written } = await enclosedBox({
      what: 'demo',
      seconds: 0,
      telemetryOn: true,
    });
    assert.ok(driven.incidents > 0);
    const allowed = { peers: announced, directories: ownDirectories };
    assert.deepEqual(
      strangers(sent, allowed).map(({ kind, name, to }) => [kind, name ?? to]),
      [
        ['look-up', collector],
        ['connection', collector],
      ],
    );
    const paths = strays(written, allowed).map(({ path }) => path);
    assert.ok(paths.some((path) => path.endsWith('/.onnxruntime/deviceid')));
    assert.ok(paths.some((path) => path.endsWith('/.onnxruntime/onnxruntime.db')));
    // And nothing else is, of a box that root has started.
    const others = paths.filter(
      (path) => !/^(\/home\/operator(\/\.cache.*)?|\/tmp(\/(mat-debug-|\.ses).*)?)$/.test(path),
    );
    assert.deepEqual(others, []);
  });

  it('asks the cameras, boards and broker that its site file names, and nobody else', async () => {
    const peers = [
      'camera.site.example:8554',
      '198.51.100.7:554',
      'board.site.example:502',
      'broker.site.example:1883',
    ];
    const site = siteOf(peers);
    const { announced, sent, written } = await enclosedBox({
      what: 'site',
      seconds: 0,
      site: JSON.stringify(site),
    });
    assert.deepEqual(peersOfSite(site).toSorted(), peers.toSorted());
    const connected = sent
      .filter(({ kind }) => kind === 'connection')
      .map(({ name, to }) => (name ?? to).split(':')[0]);
    for (const peer of peers) assert.ok(connected.includes(peer.split(':')[0]), `${peer} was not tried`);
    const allowed = { peers: [...peers, ...announced], directories: ownDirectories };
    assert.deepEqual(strangers(sent, allowed), []);
    assert.deepEqual(strays(written, allowed), []);
  });
});

/** A site whose cameras, board and broker are these, in this order. */
function siteOf([camera, other, board = '', broker]: readonly string[]) {
  const name = { 'zh-CN': '甲', en: 'A' };
  const [host, port] = board.split(':');
  return {
    version: 1,
    site: { id: 'compound', name },
    box: { id: 'box-1' },
    cameras: [
      { id: 'one', name, url: `rtsp://${camera}/stream` },
      { id: 'two', name, url: `rtsp://${other?.split(':')[0]}/stream` },
    ],
    buses: [{ id: 'bus', kind: 'modbus-tcp', host, port: Number(port) }],
    devices: [
      {
        id: 'door',
        kind: 'door',
        name,
        bus: 'bus',
        unit: 1,
        failMode: 'safe',
        profile: 'waveshare-modbus-rtu-relay-8ch',
        outputs: { open: 3 },
        inputs: { open: 3 },
      },
    ],
    uplink: { url: `mqtt://${broker}`, plaintext: broker?.split(':')[0] },
  };
}

test('packets are read as tcpdump prints them', () => {
  const text = `1796042446.30 ARP, Request who-has 192.0.2.1 tell 192.0.2.2, length 28
1796042446.31 IP6 fe80::a > ff02::2: ICMP6, router solicitation, length 16
1796042446.32 IP 192.0.2.2.43787 > 192.0.2.1.53: 7301+ A? Camera.example. (33)
1796042446.33 IP 192.0.2.2.43787 > 192.0.2.1.53: 7302+ [1au] AAAA? camera.example. (44)
1796042446.34 IP 192.0.2.2.43787 > 192.0.2.1.53: 7303+ Type65? other.example. (33)
1796042446.35 IP 192.0.2.1.53 > 192.0.2.2.43787: 7301 1/0/0 A 198.18.0.1 (49)
1796042446.36 IP 192.0.2.2.40000 > 198.18.0.1.554: Flags [S], seq 1, win 64240, length 0
1796042446.37 IP 198.18.0.1.554 > 192.0.2.2.40000: Flags [S.], seq 2, ack 2, win 65160, length 0
1796042446.38 IP 192.0.2.2.40000 > 198.18.0.1.554: Flags [P.], seq 1:470, ack 1, win 63, length 469
1796042446.39 IP 192.0.2.2.5353 > 224.0.0.251.5353: 0 PTR (QM)? _http._tcp.local. (33)
1796042446.40 IP 192.0.2.2 > 203.0.113.9: ICMP echo request, id 1, seq 1, length 64
1796042446.41 IP6 fd00::2.5000 > 2001:db8::9.123: NTPv4, Client, length 48
`;
  assert.deepEqual(sentIn(text), [
    { kind: 'look-up', to: 'camera.example' },
    { kind: 'look-up', to: 'other.example' },
    { kind: 'connection', to: '198.18.0.1:554', name: 'camera.example' },
    { kind: 'look-up', to: '_http._tcp.local' },
    { kind: 'packet', to: '203.0.113.9 (ICMP echo request, id 1, seq 1, length 64)' },
    { kind: 'packet', to: '[2001:db8::9]:123 (NTPv4, Client, length 48)' },
  ]);
});

test('writes are read as fatrace prints them, and what is left as the overlay holds it', () => {
  const text = `MainThread(77): CW  /s/root/home/a b
node (x)(7): +   /s/root/tmp
MainThread(77): CW  (deleted)
MainThread(77): CW  /elsewhere
enclose.sh(1): +   /s/root
`;
  assert.deepEqual(writtenIn(text, '/s/root'), [
    { by: 'MainThread', what: 'CW', path: '/home/a b' },
    { by: 'node (x)', what: '+', path: '/tmp' },
    { by: 'enclose.sh', what: '+', path: '/' },
  ]);
  assert.deepEqual(leftBehind('./root/etc\n', './root/etc\n./root/etc/x\n./checkout/y\n', '/src'), [
    '/etc/x',
    '/src/y',
  ]);
});

test('whom a site file names and npm start announces is nobody else', () => {
  const site = {
    cameras: [{ url: 'rtsp://10.0.0.7/stream1' }, { url: 'rtsps://cam.example:3322/' }],
    buses: [
      { kind: 'modbus-tcp', host: '10.0.0.9', port: 502 },
      { kind: 'modbus-rtu', path: '/dev/ttyUSB0' },
    ],
    uplink: { url: 'https://city.example/hook', media: { url: 'https://media.example:8443/' } },
  };
  const peers = peersOfSite(site);
  assert.deepEqual(peers, [
    ...['10.0.0.7:554', 'cam.example:3322', '10.0.0.9:502', 'city.example:443', 'media.example:8443'],
  ]);
  assert.deepEqual(peersAnnounced('12:00:00  models   asking a.example for m, and goes on'), [
    'a.example:443',
  ]);
  const left = strangers(
    [
      { kind: 'look-up', to: 'city.example' },
      { kind: 'connection', to: '198.18.0.1:443', name: 'city.example' },
      { kind: 'connection', to: '10.0.0.9:502' },
      { kind: 'connection', to: '10.0.0.9:503' },
      { kind: 'connection', to: '198.18.0.1:80', name: 'city.example' },
      { kind: 'packet', to: '10.0.0.9:502 (UDP, length 5)' },
      { kind: 'look-up', to: 'example' },
    ],
    { peers, directories: [] },
  );
  assert.deepEqual(
    left.map(({ to }) => to),
    ['10.0.0.9:503', '198.18.0.1:80', '10.0.0.9:502 (UDP, length 5)', 'example'],
  );
});
