import { open } from 'node:fs/promises';
import { type Camera, Instant, loadSite, siteFileSet } from '@gatehouse/contracts';
import { IncidentEngine, replayLine, replayTracks } from '@gatehouse/incidents';
import { describeError, errorOf, lineInWords, nothingCalled, silentLog, systemCode } from '@gatehouse/kit';
import { analyseClip, foregroundStage, HardwareDecode, loadDetector, Tracker } from '@gatehouse/vision';
import { readArgs, required, type Verb } from '../verb.ts';
import { modelSaid, readFps, said } from './detect.ts';

export const replay: Verb = {
  usage:
    'replay --site FILE (--camera ID --input CLIP [--model ID] [--fps N] | --tracks FILE) [--at TIME] [--save-tracks] [--json]',
  summary: {
    zh: '让录像走一遍真实的处理过程，或让规则走一遍记录的轨迹（每次结果逐字节相同）：每个事件变化一行。--at 2026-11-24T23:10:00+08:00 是录像开始的时间，供启用时段和夜间标准使用；不给出时，所有时段都启用，并按白天计',
    en: 'the real pipeline over a clip, or the rules over recorded tracks (byte-identical): one line an incident change. --at 2026-11-24T23:10:00+08:00 is the time at which the clip starts, for schedules and nights; without it every schedule holds and it is day',
  },
  async run(args, output) {
    const options = {
      site: 'string',
      camera: 'string',
      input: 'string',
      tracks: 'string',
      model: 'string',
      fps: 'string',
      at: 'string',
      'save-tracks': 'boolean',
    } as const;
    const { values } = readArgs('replay', args, options);
    const { cameras, site, vision } = loadSite(values.site ?? siteFileSet());
    const calendar = {
      ...site,
      ...(values.at === undefined ? {} : { wallAtZeroMs: readInstant(values.at) }),
    };
    if (values.tracks !== undefined) {
      for await (const line of replayTracks(linesOf(values.tracks), cameras, calendar)) output.line(line);
      return 0;
    }
    const camera = cameraOf(cameras, required(values.camera, 'replay', 'camera'));
    const file = required(values.input, 'replay', 'input');
    const model = values.model ?? camera.analysis.model;
    const { longSidePx } = camera.analysis;
    const { executionProvider } = vision;
    // The picture that live lanes are made for, not the clip's: a replay sees what the live box saw.
    const detector = await loadDetector(model, { longSidePx, executionProvider });
    const hardware = new HardwareDecode(vision.hardwareDecode, silentLog);
    output.note(said(output.language, 'model', modelSaid(detector)));
    const fps = values.fps === undefined ? camera.analysis.fps : readFps(values.fps, 'replay');
    const engine = new IncidentEngine([camera], calendar);
    try {
      for await (const frame of analyseClip({
        file,
        camera: camera.id,
        detector,
        tracker: new Tracker(),
        stage: foregroundStage(camera),
        hardware: hardware.of(camera.id),
        fps,
      })) {
        if (values['save-tracks']) output.line(JSON.stringify(frame));
        else for (const finding of engine.step(frame)) output.line(replayLine(finding));
      }
    } finally {
      for (const fault of [detector.providerFault, hardware.fault])
        if (fault) output.note(lineInWords(describeError(fault), output.language));
      await detector.close();
    }
    return 0;
  },
};

/** Epoch milliseconds of an RFC 3339 time. */
function readInstant(text: string): number {
  const parsed = Instant.safeParse(text);
  if (parsed.success) return Date.parse(parsed.data);
  throw errorOf('USAGE/at', { text });
}

function cameraOf(cameras: readonly Camera[], id: string): Camera {
  const camera = cameras.find((one) => one.id === id);
  if (camera) return camera;
  throw nothingCalled(
    'CAMERA_UNKNOWN/named',
    id,
    cameras.map((one) => one.id),
  );
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const handle = await open(file).catch((cause) => {
    throw errorOf('TRACKS_MISSING', { file, reason: systemCode(cause) ?? 'error' }, { cause });
  });
  yield* handle.readLines();
}
