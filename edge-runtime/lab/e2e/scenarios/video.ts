/** A clip through the real pipeline: the command line's `replay`, as a user runs it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Change } from './judge.ts';
import type { Watch } from './run.ts';

const cli = join(import.meta.dirname, '..', '..', '..', 'cli', 'main.ts');

export interface VideoOptions {
  /** A model's id; the box's own choice if absent. */
  readonly model?: string | undefined;
  readonly fps?: number | undefined;
}

/**
 * The incident changes that `gatehouse replay` prints for a clip. Throws with its standard error when it
 * fails.
 */
export async function replayClip(
  { camera }: Watch,
  clip: string,
  options: VideoOptions = {},
): Promise<Change[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-scenario-'));
  try {
    const file = join(folder, 'site.yaml');
    const name = { 'zh-CN': '模拟小区', en: 'Simulated compound' };
    // JSON is YAML.
    await writeFile(
      file,
      JSON.stringify({ version: 1, site: { id: 'sim', name }, box: { id: 'sim-box' }, cameras: [camera] }),
    );
    const args = ['replay', '--site', file, '--camera', camera.id, '--input', clip, '--json'];
    if (options.model !== undefined) args.push('--model', options.model);
    if (options.fps !== undefined) args.push('--fps', String(options.fps));
    const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Change => JSON.parse(line));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
