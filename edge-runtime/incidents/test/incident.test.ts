import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Finding, Incident } from '@gatehouse/contracts';
import { applyFinding, dedupeKeyOf, incidentId } from '../index.ts';

const finding = (phase: Finding['phase'], atMs = 30_000): Finding => ({
  kind: 'illegal-parking',
  phase,
  camera: 'east',
  zone: 'lane',
  occupancy: 'lane/0a0',
  priority: 2,
  evidence: { sinceMs: 0, atMs, gates: [] },
});
const id = '00000000-0000-4000-8000-000000000000';
const at = (minute: number) => `2026-11-23T18:0${minute}:00.000+08:00`;

test('an incident is opened, updated and cleared; each step is a valid incident', () => {
  const opened = applyFinding(undefined, finding('opened'), { id, at: at(1) });
  const updated = applyFinding(opened, finding('updated', 90_000), { id: 'ignored', at: at(2) });
  const cleared = applyFinding(updated, finding('cleared', 99_000), { id: 'ignored', at: at(3) });
  for (const incident of [opened, updated, cleared]) Incident.parse(incident);
  assert.deepEqual(cleared, {
    id,
    kind: 'illegal-parking',
    phase: 'cleared',
    priority: 2,
    camera: 'east',
    zone: 'lane',
    openedAt: at(1),
    updatedAt: at(3),
    clearedAt: at(3),
    evidence: { sinceMs: 0, atMs: 99_000, gates: [] },
    handling: { state: 'new' },
    stills: [],
  });
});

test('handling and stills are left alone', () => {
  const opened = applyFinding(undefined, finding('opened'), { id, at: at(1) });
  const handled: Incident = {
    ...opened,
    handling: { state: 'acknowledged', by: 'li', at: at(2) },
    stills: ['opened'],
  };
  const cleared = applyFinding(handled, finding('cleared'), { id, at: at(3) });
  assert.deepEqual([cleared.handling, cleared.stills], [handled.handling, ['opened']]);
});

test('an update of an incident that is not known opens it', () => {
  assert.equal(applyFinding(undefined, finding('updated'), { id, at: at(1) }).phase, 'opened');
});

test('a clear without an incident and anything after a clear are told as misuse', () => {
  assert.throws(() => applyFinding(undefined, finding('cleared'), { id, at: at(1) }), {
    code: 'INCIDENT_UNKNOWN',
  });
  const opened = applyFinding(undefined, finding('opened'), { id, at: at(1) });
  const cleared = applyFinding(opened, finding('cleared'), { id, at: at(2) });
  assert.throws(() => applyFinding(cleared, finding('updated'), { id, at: at(3) }), {
    code: 'INCIDENT_CLEARED',
  });
});

test('incident ids are UUIDs, the same on every run, and differ by scope, camera, kind and occupancy', () => {
  const base = finding('opened');
  const ids = [
    incidentId('box-1', base),
    incidentId('box-2', base),
    incidentId('box-1', { ...base, camera: 'west' }),
    incidentId('box-1', { ...base, kind: 'fire-passage' }),
    incidentId('box-1', { ...base, occupancy: 'lane/0a1' }),
  ];
  assert.equal(new Set(ids).size, ids.length);
  for (const one of ids) Incident.shape.id.parse(one);
  // sha256sum of "box-1\neast/illegal-parking/lane/0a0", version and variant bits set by hand.
  assert.equal(ids[0], 'd2396a64-c3b4-8b8e-8a2a-56fd5dc9dc34');
  assert.equal(dedupeKeyOf(base), 'east/illegal-parking/lane/0a0');
});
