import { randomUUID } from 'node:crypto';
import type { CameraView, DryRun, Zone, ZoneDraftBase, ZonePrecision } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import type { TuningPort, WatchingPort } from '../ports.ts';

function known(cameraId: string): void {
  if (cameraId !== 'gate-1')
    throw new GatehouseError('CAMERA_UNKNOWN', 'input', `there is no camera "${cameraId}".`, 'Reload.');
}

export const noParking: Zone = {
  id: 'no-parking',
  name: { 'zh-CN': '禁停区', en: 'No-parking zone' },
  polygon: [
    [0.1, 0.4],
    [0.9, 0.4],
    [0.9, 0.9],
    [0.1, 0.9],
  ],
  rules: [
    {
      kind: 'illegal-parking',
      classes: ['car', 'bus', 'truck'],
      stoppedAfterS: 10,
      violationAfterS: 300,
      clearAfterS: 10,
      priority: 2,
    },
  ],
};

/** The candidates that a test sets, for now and for every moment asked for. */
export class FakeWatching implements WatchingPort {
  view: CameraView = { camera: 'gate-1', tracks: [], watched: [], zones: [noParking] };
  readonly askedMs: number[] = [];
  now(cameraId: string): CameraView {
    known(cameraId);
    return this.view;
  }
  at(cameraId: string, atMs: number): CameraView {
    known(cameraId);
    this.askedMs.push(atMs);
    return { ...this.view, atMs, ageMs: 0 };
  }
}

/** Dry runs with a result that a test sets, and zones that are saved in memory. */
export class FakeTuning implements TuningPort {
  zones: readonly Zone[] = [noParking];
  version = 'v1';
  counts: readonly ZonePrecision[] = [];
  readonly runs = new Map<string, DryRun>();
  readonly tried: (readonly Zone[])[] = [];
  result: DryRun['result'];
  base(cameraId: string): ZoneDraftBase {
    known(cameraId);
    return { version: this.version, zones: [...this.zones], rules: noParking.rules };
  }
  dryRun(cameraId: string, zones: readonly Zone[]): DryRun {
    known(cameraId);
    this.tried.push(zones);
    const run: DryRun = { id: randomUUID(), camera: cameraId, state: 'running', progress: 0.4 };
    this.runs.set(run.id, this.result ? { ...run, state: 'done', progress: 1, result: this.result } : run);
    return run;
  }
  getDryRun(id: string): DryRun | undefined {
    return this.runs.get(id);
  }
  cancelDryRun(id: string): DryRun | undefined {
    const run = this.runs.get(id);
    if (run) this.runs.set(id, { ...run, state: 'cancelled' });
    return this.runs.get(id);
  }
  save(cameraId: string, zones: readonly Zone[], version: string): string {
    known(cameraId);
    if (version !== this.version)
      throw new GatehouseError('SITE_FILE_CHANGED', 'input', 'it has been changed.', 'Open it again.');
    this.zones = zones;
    this.version = `v${Number(version.slice(1)) + 1}`;
    return this.version;
  }
  precision(): readonly ZonePrecision[] {
    return this.counts;
  }
}
