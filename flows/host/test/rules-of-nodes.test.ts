import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LocalClient, ManualClock } from '@gatehouse/kit';
import { change, FakeRuntime } from '../../test/fake-runtime.ts';
import { cleanEnvironment } from '../clean-environment.ts';
import { DeviceEventFilter, passesDeviceEvent } from '../device-event-filter.ts';
import { DeviceRequester } from '../device-requester.ts';
import { IncidentFilter, passes, passesPrompt } from '../incident-filter.ts';

describe('incident filter', () => {
  const base = change(1);
  const table: readonly (readonly [string, object, boolean, boolean])[] = [
    ['an empty filter passes all', {}, false, true],
    ['a listed kind', { kinds: ['crowd', 'illegal-parking'] }, false, true],
    ['a kind not listed', { kinds: ['crowd'] }, false, false],
    ['a change not listed', { changes: ['cleared'] }, false, false],
    ['its camera', { camera: 'gate' }, false, true],
    ['another camera', { camera: 'yard' }, false, false],
    ['another zone', { zone: 'lawn' }, false, false],
    ['priority 2 where 2 is enough', { leastPriority: '2' }, false, true],
    ['priority 2 where only 1 counts', { leastPriority: '1' }, false, false],
    ['late where late is delivered', { late: 'deliver' }, true, true],
    ['late where late is skipped', { late: 'skip' }, true, false],
    ['in time where late is skipped', { late: 'skip' }, false, true],
  ];
  for (const [what, filter, late, expected] of table)
    it(`${expected ? 'passes' : 'keeps out'} ${what}`, () => {
      assert.equal(passes(IncidentFilter.parse(filter), base, late), expected);
    });
  it('passes a prompt only where prompts are asked for, of its kind and place', () => {
    const prompt = {
      ...({
        kind: 'fire-passage',
        stage: 'voice',
        camera: 'gate',
        zone: 'lane',
        occupancy: 'lane/0a0',
      } as const),
      evidence: { sinceMs: 0, atMs: 30_000, gates: [] },
    };
    const given = (filter: object) => passesPrompt(IncidentFilter.parse(filter), prompt);
    assert.ok(!given({}));
    assert.ok(given({ changes: ['voice'] }));
    assert.ok(given({ changes: ['opened', 'voice'], kinds: ['fire-passage'], camera: 'gate' }));
    assert.ok(!given({ changes: ['voice'], kinds: ['crowd'] }));
    assert.ok(!given({ changes: ['voice'], zone: 'yard' }));
  });
  it('does not take a kind that there is not', () => {
    assert.equal(IncidentFilter.safeParse({ kinds: ['parking'] }).success, false);
  });
});

describe('filter of door and input alarms', () => {
  const { camera: _, zone: __, ...facts } = change(1).incident;
  const gates = [{ name: 'input', value: 'help', passed: true }];
  const base = change(1, {
    incident: {
      ...facts,
      kind: 'emergency',
      device: 'lobby-help',
      evidence: { sinceMs: 0, atMs: 0, gates },
    },
  });
  const table: readonly (readonly [string, object, boolean, boolean])[] = [
    ['an empty filter passes all', {}, false, true],
    ['a listed kind', { kinds: ['door-forced', 'emergency'] }, false, true],
    ['a kind not listed', { kinds: ['door-forced'] }, false, false],
    ['a change not listed', { changes: ['cleared'] }, false, false],
    ['its device', { device: 'lobby-help' }, false, true],
    ['another device', { device: 'yard-door' }, false, false],
    ['its signal', { signal: 'help' }, false, true],
    ['another signal', { signal: 'fire' }, false, false],
    ['late where late is skipped', { late: 'skip' }, true, false],
    ['in time where late is skipped', { late: 'skip' }, false, true],
  ];
  for (const [what, filter, late, expected] of table)
    it(`${expected ? 'passes' : 'keeps out'} ${what}`, () => {
      assert.equal(passesDeviceEvent(DeviceEventFilter.parse(filter), base, late), expected);
    });
  it('keeps out what a camera saw, whatever the filter', () => {
    assert.equal(passesDeviceEvent(DeviceEventFilter.parse({}), change(1), false), false);
  });
});

describe('door request while no runtime listens', () => {
  it('fails at once with PEER_DOWN', async () => {
    const runtime = new FakeRuntime('/tmp/gatehouse-nobody-listens/api.sock');
    const requester = new DeviceRequester(new LocalClient('runtime', runtime.path), new ManualClock());
    await assert.rejects(requester.request({ node: 'n', user: 'u', device: 'yard-door', action: 'open' }), {
      code: 'PEER_DOWN',
    });
  });
  it('is not even sent when its node has asked 10 times within a minute; other nodes may go on', async () => {
    const runtime = new FakeRuntime('/tmp/gatehouse-nobody-listens/api.sock');
    const clock = new ManualClock();
    const requester = new DeviceRequester(new LocalClient('runtime', runtime.path), clock);
    const ask = (node: string) => requester.request({ node, user: 'u', device: 'yard-door', action: 'open' });
    for (let i = 0; i < 10; i++) await assert.rejects(ask('n'), { code: 'PEER_DOWN' });
    await assert.rejects(ask('n'), { code: 'FLOW_RATE_LIMIT' });
    await assert.rejects(ask('other'), { code: 'PEER_DOWN' });
    await clock.advance(60_000);
    await assert.rejects(ask('n'), { code: 'PEER_DOWN' });
  });
});

describe('environment of flows', () => {
  it('keeps what Node needs and no secret', () => {
    const env = {
      PATH: '/bin',
      TZ: 'Asia/Shanghai',
      GATEHOUSE_STATE_DIR: '/s',
      GATE_PASSWORD: 'x',
      GATEHOUSE_SITE: '/x',
    };
    cleanEnvironment(env);
    assert.deepEqual(env, { PATH: '/bin', TZ: 'Asia/Shanghai', GATEHOUSE_STATE_DIR: '/s' });
  });
});
