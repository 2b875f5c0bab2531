/**
 * Stays bench: false stays an hour of film. It plays clips in which nothing stands (`stays-clips.ts` says
 * why), looped with noise, changing light and a shaking camera. They go through decoder, detector, tracker
 * and the rules illegal-parking and fire-passage at 30 s. Every stay that a rule tells of is a false one.
 *
 * `npm run bench -- stays [--hours N] [--seed N] [--only CLIP] [--model ID] [--from-round N] [--save DIR]`
 *
 * - A round is one film of each clip. Rounds follow until each detector has seen `--hours` of film.
 * - A film depends on seed, clip and round alone, so `--only` and `--from-round` play those of the whole run.
 *   Its length follows from `--hours`, up to 10 minutes; a longer one begins with the shorter one.
 * - Every film is a line of its own: a run that is stopped keeps its figures. Ctrl+C prints the sums so far.
 * - `--save` writes a still of each false stay with its box.
 * - The measure `whole run: film-hours-a-wall-hour` tells how long a long run takes.
 *
 * Needs GATEHOUSE_MEDIA_DIR, and GATEHOUSE_MODEL_MIRROR for the default detector. JSON lines on stdout,
 * progress on stderr, exit code 1 when a detector has more false stays an hour than its target.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundledModel, modelEntry } from '@gatehouse/models';
import { probeClip } from '@gatehouse/vision';
import { madeBy, reporter } from './bench-report.ts';
import { type QuietClip, quietClips } from './stays-clips.ts';
import { drawFilm, filmOf } from './stays-films.ts';
import { type Stay, saveStill, watchFilm } from './stays-watch.ts';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '0.25' },
    seed: { type: 'string', default: '31' },
    only: { type: 'string' },
    model: { type: 'string' },
    'from-round': { type: 'string', default: '0' },
    save: { type: 'string' },
  },
});
/** Film hours a detector of a run that is not called shortened. */
const wholeHours = 24;
/** The default of the site file: most frames analysed a second. */
const fps = 5;
/**
 * Seconds of a film; passes are whole, so it may be longer. Short enough for one of every clip in a short
 * run, long enough for some stays of 30 s.
 */
const shortFilmS = 90;
const longFilmS = 600;
const targets = new Map([[modelEntry().id, 0]]);
const bundled = bundledModel();
if (bundled) targets.set(bundled.id, 0.2);

const media = process.env.GATEHOUSE_MEDIA_DIR ?? '';
if (media === '') throw new Error('GATEHOUSE_MEDIA_DIR names no folder with the clips that this bench plays');
const hours = numberOf('hours', values.hours);
const seed = numberOf('seed', values.seed);
const clips = quietClips.filter(({ file }) => file.startsWith(values.only ?? ''));
if (clips.length === 0)
  throw new Error(`no such clip. Use: ${quietClips.map(({ file }) => file).join(', ')}`);
const models = values.model === undefined ? [...targets.keys()] : [modelEntry(values.model).id];
if (hours === 0) throw new Error('--hours needs more than 0');
const filmS = Math.min(longFilmS, Math.max(shortFilmS, (hours * 3600) / clips.length));

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number >= 0) return number;
  throw new Error(`--${option} needs a number, and got "${text}"`);
}

/** A film that a detector has watched. */
interface Played {
  readonly model: string;
  readonly clip: QuietClip;
  readonly filmS: number;
  readonly wallS: number;
  readonly stays: readonly Stay[];
}
const played: Played[] = [];
let drawingS = 0;

const report = reporter('stays');
function tell(line: object): void {
  console.log(JSON.stringify({ bench: 'stays', ...line }));
}

/** Draws a film and shows it to every detector; returns its length in seconds. */
async function playFilm(clip: QuietClip, round: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-stays-'));
  try {
    const film = filmOf(clip, seed, round, filmS);
    const drawn = performance.now();
    const file = await drawFilm(film, media, await probeClip(join(media, clip.file)), folder);
    drawingS += secondsSince(drawn);
    for (const model of models) {
      const began = performance.now();
      const { stays, frames } = await watchFilm({ ...clip, film: file, model, fps });
      const wallS = secondsSince(began);
      played.push({ model, clip, filmS: film.lengthS, wallS, stays });
      tell({ detector: model, clip: clip.file, round, filmS: rounded(film.lengthS), frames, wallS, stays });
      console.error(`round ${round}, ${clip.file}, ${model}: ${stays.length} false, ${Math.round(wallS)} s`);
      for (const [n, stay] of stays.entries())
        if (values.save)
          await saveStill(file, stay, join(values.save, `${model}-${clip.file}-${round}-${n}.png`));
    }
    return film.lengthS;
  } catch (error) {
    // Ctrl+C reaches ffmpeg as well, and so breaks the film at hand.
    if (!stopping.signal.aborted) throw error;
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sumUp(model: string): void {
  const own = played.filter((one) => one.model === model);
  for (const [clip, films] of Map.groupBy(own, (one) => one.clip)) {
    const stays = films.flatMap((film) => film.stays);
    const filmHours = hoursOf(films);
    const byClass = Object.fromEntries(
      [...Map.groupBy(stays, (stay) => stay.class ?? 'none')].map(([name, all]) => [name, all.length]),
    );
    tell({
      detector: model,
      clip: clip.file,
      filmHours: rounded(filmHours),
      falseStays: stays.length,
      falseStaysAnHour: rounded(stays.length / filmHours),
      byClass,
      why: clip.why,
    });
  }
  const filmHours = hoursOf(own);
  const distinctS = [...new Set(own.map(({ clip }) => clip))].reduce((sum, { lengthS }) => sum + lengthS, 0);
  const falseStays = own.reduce((sum, { stays }) => sum + stays.length, 0);
  const target = targets.get(model);
  report(`${model}: film-hours`, filmHours, 'h');
  report(`${model}: distinct-minutes`, distinctS / 60, 'min');
  report(`${model}: false-stays`, falseStays, 'count');
  report(
    `${model}: false-stays-an-hour`,
    falseStays / filmHours,
    'per hour',
    target === undefined ? {} : { target },
  );
  report(
    `${model}: film-hours-a-wall-hour`,
    filmHours / (own.reduce((sum, { wallS }) => sum + wallS, 0) / 3600),
    'h',
  );
}

function hoursOf(films: readonly Played[]): number {
  return films.reduce((sum, film) => sum + film.filmS, 0) / 3600;
}

function secondsSince(began: number): number {
  return rounded((performance.now() - began) / 1000);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

if (values.save) mkdirSync(values.save, { recursive: true });
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
tell({
  ...madeBy(),
  seed,
  hours,
  shortened: hours < wholeHours || clips.length < quietClips.length,
  detectors: models,
  fps,
  began: new Date().toISOString(),
});
const began = performance.now();
const firstRound = numberOf('from-round', values['from-round']);
let playedHours = 0;
for (let round = firstRound; playedHours < hours && !stopping.signal.aborted; round++)
  for (const clip of clips) {
    if (stopping.signal.aborted) break;
    playedHours += (await playFilm(clip, round)) / 3600;
  }
for (const model of models) sumUp(model);
const durationS = secondsSince(began);
report('drawing', drawingS, 's');
report('duration', durationS, 's');
// With drawing and all detectors: divides the hours of a long run that is planned.
report('whole run: film-hours-a-wall-hour', playedHours / (durationS / 3600), 'h');
