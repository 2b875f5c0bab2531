import { open } from 'node:fs/promises';
import { type Camera, loadSite } from '@gatehouse/contracts';
import { IncidentEngine, replayLine, replayTracks } from '@gatehouse/incidents';
import { GatehouseError, systemCode } from '@gatehouse/kit';
import { analyseClip, foregroundStage, loadDetector, probeClip, Tracker } from '@gatehouse/vision';
import { readArgs, required, usageError, type Verb } from '../verb.ts';
import { readFps } from './detect.ts';

export const replay: Verb = {
  usage:
    'replay --site FILE (--camera ID --input CLIP [--model ID] [--fps N] | --tracks FILE) [--save-tracks] [--json]',
  summary:
    'the real pipeline over a clip, or the rules over recorded tracks (byte-identical): one line an incident change',
  async run(args, output) {
    const options = {
      site: 'string',
      camera: 'string',
      input: 'string',
      tracks: 'string',
      model: 'string',
      fps: 'string',
      'save-tracks': 'boolean',
    } as const;
    const { values } = readArgs('replay', args, options);
    const { cameras } = loadSite(
      values.site ?? process.env.GATEHOUSE_SITE ?? required(undefined, 'replay', 'site'),
    );
    if (values.tracks !== undefined) {
      for await (const line of replayTracks(linesOf(values.tracks), cameras)) output.line(line);
      return 0;
    }
    const camera = cameraOf(cameras, required(values.camera, 'replay', 'camera'));
    const file = required(values.input, 'replay', 'input');
    const model = values.model ?? camera.analysis.model;
    const detector = await loadDetector(model, await probeClip(file));
    if (model === undefined) output.note(`model: ${detector.model}`);
    const fps = values.fps === undefined ? camera.analysis.fps : readFps(values.fps, 'replay');
    const engine = new IncidentEngine([camera]);
    try {
      for await (const frame of analyseClip({
        file,
        camera: camera.id,
        detector,
        tracker: new Tracker(),
        stage: foregroundStage(camera),
        fps,
      })) {
        if (values['save-tracks']) output.line(JSON.stringify(frame));
        else for (const finding of engine.step(frame)) output.line(replayLine(finding));
      }
    } finally {
      await detector.close();
    }
    return 0;
  },
};

function cameraOf(cameras: readonly Camera[], id: string): Camera {
  const camera = cameras.find((one) => one.id === id);
  if (camera) return camera;
  throw usageError(
    `replay: the site has no camera "${id}" (it has ${cameras.map((one) => one.id).join(', ') || 'none'}).`,
    'replay',
  );
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const handle = await open(file).catch((cause) => {
    throw new GatehouseError(
      'TRACKS_MISSING',
      'input',
      `cannot read ${file} (${systemCode(cause) ?? 'error'}).`,
      'Give a file of track frames (replay --save-tracks).',
      { cause },
    );
  });
  yield* handle.readLines();
}
