import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort, scratchFolder, until } from '@gatehouse/harness';
import { connectAsync, type MqttClient } from 'mqtt';

const deploy = join(import.meta.dirname, '..');
const users = ['box-1', 'box-2', 'gatehouse-receiver', 'gatehouse-commander'];

/** A certificate for 127.0.0.1 that is its own authority. */
function certificate(dir: string): string {
  const [key, pem] = [join(dir, 'server.key'), join(dir, 'server.pem')];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...made, ...names, '-keyout', key, '-out', pem], { stdio: 'ignore' });
  return pem;
}

/**
 * The committed files as they are; only paths, the port and, as root, the user to run as are the test's own.
 */
async function startDistrict(t: TestContext) {
  const dir = scratchFolder(t);
  const pem = certificate(dir);
  const [passwords, acl, port] = [join(dir, 'passwd'), join(dir, 'acl'), await freePort()];
  writeFileSync(acl, readFileSync(join(deploy, 'gatehouse-district.acl')), { mode: 0o600 });
  writeFileSync(passwords, '', { mode: 0o600 });
  for (const user of users)
    execFileSync('mosquitto_passwd', ['-b', passwords, user, `of-${user}`], { stdio: 'ignore' });
  const text = readFileSync(join(deploy, 'mosquitto-district.conf'), 'utf8')
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
    .replace('/etc/mosquitto/tls/ca.pem', pem)
    .replace('/etc/mosquitto/tls/server.pem', pem)
    .replace('/etc/mosquitto/tls/server.key', join(dir, 'server.key'))
    .replace('/etc/mosquitto/gatehouse.passwd', passwords)
    .replace('/etc/mosquitto/gatehouse-district.acl', acl);
  const file = join(dir, 'mosquitto.conf');
  writeFileSync(file, `${text}${process.getuid?.() === 0 ? 'user root\n' : ''}`);
  const child = spawn('mosquitto', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const url = `mqtts://127.0.0.1:${port}`;
  const dial = async (user?: string) => {
    const login = user === undefined ? {} : { username: user, password: `of-${user}` };
    const options = { protocolVersion: 5, reconnectPeriod: 0, ca: readFileSync(pem), ...login } as const;
    const client = await connectAsync(url, options, false);
    t.after(() => client.end(true));
    return client;
  };
  await until('mosquitto answers with its configuration', async () => {
    assert.equal(child.exitCode, null, said);
    return dial('gatehouse-receiver').then(
      () => true,
      () => false,
    );
  });
  return { dial };
}

/** Topics of what arrives at a client under a filter. */
async function seenBy(client: MqttClient, filter: string): Promise<string[]> {
  const seen: string[] = [];
  client.on('message', (topic) => seen.push(topic));
  await client.subscribeAsync(filter, { qos: 1 });
  return seen;
}

/** Publishes whether or not the broker grants it, which it says in MQTT 5 (PUBACK 0x87, 3.4.2.1). */
function publish(client: MqttClient, topic: string, payload = '{}'): Promise<'taken' | 'refused'> {
  return client.publishAsync(topic, payload, { qos: 1 }).then(
    () => 'taken',
    () => 'refused',
  );
}

test('the district’s mosquitto starts, and each box may send its own events and read its own acknowledgements only', async (t) => {
  const { dial } = await startDistrict(t);
  const [one, two, receiver] = [await dial('box-1'), await dial('box-2'), await dial('gatehouse-receiver')];
  const events = await seenBy(receiver, '$share/gatehouse-receivers/gatehouse/+/events/+');
  const alarms = await seenBy(
    await dial('gatehouse-receiver'),
    '$share/gatehouse-receivers-alarm/gatehouse/+/events/alarm',
  );
  const acksOfOne = await seenBy(one, 'gatehouse/box-1/acks');
  const overheard = await seenBy(two, 'gatehouse/#');

  assert.equal(await publish(one, 'gatehouse/box-1/events/alarm'), 'taken');
  await until('the event is at the receiver', () => events.length > 0);
  assert.equal(await publish(receiver, 'gatehouse/box-1/acks'), 'taken');
  await until('the acknowledgement is at the box', () => acksOfOne.length > 0);

  assert.equal(await publish(two, 'gatehouse/box-1/events/alarm'), 'refused');
  assert.equal(await publish(two, 'gatehouse/box-1/acks'), 'refused');
  assert.equal(await publish(receiver, 'gatehouse/box-1/events/alarm'), 'refused');
  // Comes behind all of the above on the same connection: what they sent would have been here before it.
  assert.equal(await publish(two, 'gatehouse/box-2/events/door'), 'taken');
  await until('the last event is at the receiver', () => events.length > 1);
  assert.deepEqual(events, ['gatehouse/box-1/events/alarm', 'gatehouse/box-2/events/door']);
  assert.deepEqual(alarms, ['gatehouse/box-1/events/alarm'], 'a receiver for alarms alone');
  assert.deepEqual(acksOfOne, ['gatehouse/box-1/acks']);
  assert.deepEqual(overheard, []);
});

test('nobody gets in without a password, or with another’s', async (t) => {
  const { dial } = await startDistrict(t);
  await assert.rejects(dial(), /not authorized|Bad user/i);
  await assert.rejects(dial('box-3'), /not authorized|Bad user/i);
});

test('only who commands may send a command or a desired state, and only its box hears it', async (t) => {
  const { dial } = await startDistrict(t);
  const [one, two, commander] = [await dial('box-1'), await dial('box-2'), await dial('gatehouse-commander')];
  const heard = await seenBy(one, 'gatehouse/box-1/commands');
  await one.subscribeAsync('gatehouse/box-1/desired', { qos: 1 });
  const overheard = await seenBy(two, 'gatehouse/#');
  assert.equal(await publish(two, 'gatehouse/box-1/commands'), 'refused');
  assert.equal(await publish(commander, 'gatehouse/box-1/acks'), 'refused');
  assert.equal(await publish(commander, 'gatehouse/box-1/commands'), 'taken');
  await until('the command is at its box', () => heard.length > 0);
  assert.equal(await publish(two, 'gatehouse/box-1/desired'), 'refused');
  assert.equal(await publish(commander, 'gatehouse/box-1/desired', 'x'.repeat(1024 * 1024)), 'taken');
  await until('the desired state is at its box', () => heard.length > 1);
  assert.deepEqual(heard, ['gatehouse/box-1/commands', 'gatehouse/box-1/desired']);
  assert.deepEqual(overheard, []);
});
