import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CameraStatus, isWellBesidesProcessor, ServiceHealth } from '@gatehouse/contracts';
import { visionHealth } from '../health.ts';

const late: CameraStatus = {
  id: 'gate',
  state: 'stale',
  reason: 'PROCESSOR_SHORT',
  frameAgeMs: 9_000,
  analysedFps: 0.4,
  reconnects: 0,
};

test('a box that is short of processor degrades health, with figures and the remedy, and names no camera', () => {
  const processor = { short: true, waitedShare: 0.876, perProcessor: 20.5 };
  const health = ServiceHealth.parse(visionHealth({ cameras: [late], lanes: [], processor }));
  assert.equal(health.status, 'degraded');
  assert.match(
    health.detail ?? '',
    /^PROCESSOR_SHORT: the box is short of processor: .* 88 % of the time, and 20\.5 threads .*\. Late pictures are no camera's fault\. End other programs, or lower "analysis\.fps"/,
  );
  assert.deepEqual(health.processor, { waitedShare: 0.88, perProcessor: 20.5 });
  assert.equal(isWellBesidesProcessor(health), true);
});

test('a machine that does not count its run queue leaves that figure out', () => {
  const processor = { short: true, waitedShare: 0.6, perProcessor: undefined };
  const health = ServiceHealth.parse(visionHealth({ cameras: [], lanes: [], processor }));
  assert.match(health.detail ?? '', /waits 60 % of the time\. Late pictures/);
  assert.deepEqual(health.processor, { waitedShare: 0.6 });
});

test('a fault that a person has to mend stands before the shortage', () => {
  const processor = { short: true, waitedShare: 0.9, perProcessor: 20 };
  const refused: CameraStatus = { ...late, id: 'east', state: 'down', reason: 'CAMERA_UNAUTHORIZED' };
  const health = visionHealth({ cameras: [late, refused], lanes: [], processor });
  assert.match(
    health.detail ?? '',
    /^1 of 2 cameras not live: east down \(CAMERA_UNAUTHORIZED\)\. PROCESSOR_SHORT: /,
  );
  assert.equal(isWellBesidesProcessor(health), false);
});

test('a box with enough processor says nothing of it', () => {
  const processor = { short: false, waitedShare: 0.1, perProcessor: 1 };
  assert.deepEqual(visionHealth({ cameras: [], lanes: [], processor }), { status: 'ok' });
});
