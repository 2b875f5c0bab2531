import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gatehouse } from './gatehouse.ts';

const site = `version: 1
site: { id: quay, name: { zh-CN: 码头, en: Quay } }
box: { id: quay-box }
cameras:
  - id: pier
    name: { zh-CN: 栈桥, en: Pier }
    url: rtsp://192.0.2.7/1
    username: gh
    password: { file: pier-password }
buses:
  - { id: gates, kind: modbus-tcp, host: 192.0.2.9 }
devices:
  - id: arm
    kind: barrier
    name: { zh-CN: 道闸, en: Arm }
    bus: gates
    unit: 1
    profile: waveshare-modbus-rtu-relay-8ch
    outputs: { open: 0, close: 1 }
    inputs: { closed: 1, loop: 2 }
    failMode: safe
uplink:
  url: mqtts://platform.example
  username: quay
  password: { env: QUAY_UPLINK }
`;
const env = { QUAY_UPLINK: 'secret' };

function check(
  t: TestContext,
  text: string,
  more: Readonly<Record<string, string>> = env,
  ...args: string[]
) {
  const box = gatehouse(t, more);
  box.file('pier-password', 'secret\n');
  return { ...box, ...box.run('config', 'check', box.file('site.yaml', text), ...args) };
}

test('a site whose secrets, boards and models are all there is ok', (t) => {
  const { status, out, err } = check(t, site);
  assert.deepEqual([status, err], [0, '']);
  assert.match(out, /^\S+site\.yaml: ok \(1 cameras, 1 buses, 1 devices\)\n$/);
});

/** Mistakes that one service or another refuses at its start, or starts without. */
const mistakes: readonly (readonly [what: string, from: string, to: string, told: RegExp])[] = [
  [
    'a secret file that is not there',
    'pier-password',
    'no-such',
    /:9: cameras\[0\]\.password: the secret file \S+no-such cannot be read \(ENOENT\); expected .*Write the secret into it/,
  ],
  [
    'a secret that the environment lacks',
    'QUAY_UPLINK',
    'QUAY_OTHER',
    /:25: uplink\.password: the environment variable QUAY_OTHER is not set/,
  ],
  [
    'a profile that there is not',
    'waveshare-modbus-rtu-relay-8ch',
    'waveshare-relay',
    /:18: devices\[0\]\.profile: no profile is called "waveshare-relay"; expected one of: waveshare-modbus-rtu-relay-8ch, .*Did you mean waveshare-modbus-rtu-relay-8ch\?/,
  ],
  [
    'a relay beyond the board',
    'close: 1',
    'close: 8',
    /:19: devices\[0\]\.outputs\.close: .* has no relay 8; expected 0 to 7, counted from 0/,
  ],
  [
    'two boards at one address',
    'uplink:',
    '  - { id: gate, kind: gate, name: { zh-CN: 门, en: Gate }, bus: gates, unit: 1, profile: r413d08-relay-8ch, outputs: { open: 0 }, failMode: safe }\nuplink:',
    /:(?:18: devices\[0\]|22: devices\[1\])\.profile: unit 1 of bus gates has profile \S+ already/,
  ],
  [
    'a model that there is not',
    'url: rtsp',
    'analysis: { model: yolox-nano }\n    url: rtsp',
    /:7: cameras\[0\]\.analysis\.model: no model is called "yolox-nano"; expected one of: .*Did you mean yolox-nano/,
  ],
  [
    'an arm without a loop',
    ', loop: 2',
    '',
    /:19: devices\[0\]\.outputs\.close: it is never closed from here/,
  ],
  [
    'a user without a password',
    '    password: { file: pier-password }\n',
    '',
    /:8: cameras\[0\]\.username: a user is named without a password/,
  ],
  [
    'a certificate file that holds none',
    'mqtts://platform.example',
    'mqtts://platform.example\n  tls: { ca: { file: pier-password } }',
    /uplink\.tls\.ca: pier-password does not hold a certificate; expected a PEM file/,
  ],
  [
    'a page for a host that is none',
    'uplink:',
    'console: { host: "http://0.0.0.0" }\nuplink:',
    /console\.host: "http:\/\/0\.0\.0\.0" is no host; expected an IP address/,
  ],
];

for (const [what, from, to, told] of mistakes)
  test(`${what} is told when the file is checked, not only by a service that does not start`, (t) => {
    const { status, out } = check(t, site.replace(from, to));
    assert.equal(status, 1, out);
    // Of two boards at one address either may be the mistake: the line about each names it.
    for (const line of out.trimEnd().split('\n')) assert.match(line, told);
  });

test('a port of the console that is none, and a key that is not that of the certificate, are told', (t) => {
  const { out } = check(t, site, { ...env, GATEHOUSE_CONSOLE_PORT: '80a' });
  assert.match(
    out,
    /console: GATEHOUSE_CONSOLE_PORT is "80a", which is no free port; expected a whole number from 0/,
  );
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const box = gatehouse(t, env);
  box.file('pier-password', 'secret');
  box.file('box.key', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=a',
    '-keyout',
    '/dev/null',
    '-out',
    join(box.folder, 'box.pem'),
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  const text = site.replace(
    'username: quay',
    'tls: { cert: { file: box.pem }, key: { file: box.key } }\n  username: quay',
  );
  assert.match(
    box.run('config', 'check', box.file('site.yaml', text)).out,
    /uplink\.tls\.key: box\.key is not the key of the certificate in box\.pem; expected two that belong together/,
  );
});

/**
 * Services that refuse a site, with the mistake. They are started as systemd starts them. The drivers start
 * without the devices that their boards cannot do; drivers/test/out-of-service.test.ts compares their lines
 * with the same list.
 */
const starts: readonly (readonly [service: string, what: string, from: string, to: string])[] = [
  ['drivers/main.ts', 'a unit beyond the protocol', 'unit: 1', 'unit: 300'],
  ['sync-agent/main.ts', 'a secret that is not there', 'QUAY_UPLINK', 'QUAY_OTHER'],
  [
    'sync-agent/main.ts',
    'a certificate that is none',
    'username: quay',
    'tls: { ca: { file: pier-password } }\n  username: quay',
  ],
  [
    'edge-runtime/runtime/main.ts',
    'a host that is none',
    'uplink:',
    'console: { host: "0.0.0.0:80" }\nuplink:',
  ],
  ['edge-runtime/vision/main.ts', 'an address without a host', 'rtsp://192.0.2.7/1', 'rtsp:///1'],
];

for (const [service, what, from, to] of starts)
  test(`${service} refuses ${what} with the first line of config check`, (t) => {
    const { out, folder, file } = check(t, site.replace(from, to));
    const [line = ''] = out.split('\n');
    const root = join(import.meta.dirname, '../../..');
    const started = spawnSync(process.execPath, [join(root, service)], {
      env: {
        ...process.env,
        ...env,
        GATEHOUSE_SITE: join(folder, 'site.yaml'),
        GATEHOUSE_STATE_DIR: folder,
        GATEHOUSE_RUN_DIR: folder,
        GATEHOUSE_CONSOLE_PORT: '0',
      },
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(started.status, 1, started.stderr);
    assert.ok(file);
    assert.equal(started.stderr.trim(), `SITE_FILE_INVALID: ${line}`);
  });

test('the language is that of the shell or the one asked for', (t) => {
  const text = site.replace('unit: 1', 'unit: 0');
  const chinese = /devices\[0\]\.unit: 0 超出范围；应为 1 到 247 的整数。请填写范围内的数。\n$/;
  const english =
    /devices\[0\]\.unit: 0 is outside of what is possible; expected a whole number from 1 to 247\. Write a number in that range\.\n$/;
  const shell = (LC_ALL: string, LANG: string) => check(t, text, { ...env, LC_ALL, LANG }).out;
  assert.match(shell('', 'zh_CN.UTF-8'), chinese);
  assert.match(shell('zh_TW.UTF-8', 'en_US.UTF-8'), chinese);
  assert.match(shell('C', 'zh_CN.UTF-8'), english);
  assert.match(check(t, text, env, '--lang', 'zh').out, chinese);
  assert.match(check(t, text, { ...env, LC_ALL: 'zh_CN' }, '--lang=en').out, english);
  const wrong = check(t, text, env, '--lang', 'klingon');
  assert.deepEqual([wrong.status, wrong.out], [1, '']);
  assert.match(wrong.err, /^gatehouse: USAGE: --lang "klingon" is no language: say zh or en\./);
  const json = JSON.parse(check(t, text, env, '--json', '--lang', 'zh').out);
  assert.deepEqual(
    [
      json.ok,
      json.problems[0].code,
      json.problems[0].path,
      json.problems[0].severity,
      json.problems[0].remedy,
    ],
    [false, 'out-of-range', 'devices[0].unit', 'error', '请填写范围内的数'],
  );
});

test('what may be meant is a note and no mistake', (t) => {
  const { status, out } = check(t, site.replace(/cameras:\n(?: {2}.*\n)+/, ''));
  assert.equal(status, 0, out);
  assert.match(out, /cameras: note: the site has no camera/);
  assert.match(out, /: ok \(0 cameras/);
});
