import { loadSite } from '@gatehouse/contracts';
import { describeError, nothingCalled } from '@gatehouse/kit';
import {
  choiceText,
  chooseModel,
  type Download,
  deriveModels,
  fetchModels,
  hasty,
  hastyDownload,
  listModels,
  type ModelOutcome,
  type ModelStatus,
  verifyModels,
} from '@gatehouse/models';
import { modelsOf } from '../doctor/models.ts';
import { type Output, readArgs, type Verb } from '../verb.ts';

export const models: Verb = {
  usage:
    'models list | fetch [ID…|all] | verify [ID…] | derive [ID…] | choose [--site FILE] [--fetch]  [--json]',
  summary:
    'the catalogue: every file pinned by SHA-256 and licence; fetched from GATEHOUSE_MODEL_MIRROR or the pinned address; choose says which would run here',
  async run(args, output) {
    if (args[0] === 'choose') return choose(args.slice(1), output);
    const { values, words } = readArgs('models', args, {}, 20);
    const [word = 'list', ...ids] = words;
    const action = oneAction(word);
    const write = writer(output, values.json === true);
    if (action === 'list') return write.statuses(await listModels(), () => 0);
    if (action === 'verify') {
      const { ok, models: checked } = await verifyModels(ids);
      return write.statuses(checked, () => (ok ? 0 : 1));
    }
    if (action === 'fetch') return write.outcomes(await fetchModels(ids));
    return write.outcomes(await deriveModels(ids));
  },
};

const actions = ['list', 'fetch', 'verify', 'derive'] as const;

function oneAction(word: string): (typeof actions)[number] {
  const found = actions.find((action) => action === word);
  if (found) return found;
  throw nothingCalled('USAGE/action', word, [...actions, 'choose']);
}

/**
 * Prints the models that the box would run, one line for each that the site names (the default where it names
 * none). With `--fetch` it brings the missing ones. It waits seconds, not minutes, for an internet that does
 * not answer, and it waits once.
 */
async function choose(args: readonly string[], output: Output): Promise<number> {
  const { values } = readArgs('models', args, { site: 'string', fetch: 'boolean' });
  // Whom it asks is said before it is asked.
  const download: Download = (entry, url, signal) => {
    const { host } = new URL(url);
    const seconds = hasty.answerMs / 1000;
    const said = `asking ${host} for ${entry.id}, and goes on without it after ${seconds} s`;
    output.line(values.json ? JSON.stringify({ id: entry.id, asking: host, detail: said }) : said);
    return hastyDownload(entry, url, signal);
  };
  let fetch = values.fetch === true;
  let ok = true;
  for (const named of modelsOf(values.site === undefined ? undefined : loadSite(values.site))) {
    try {
      const choice = await chooseModel(named, { fetch, download });
      fetch &&= choice.instead?.failure.code !== 'MODEL_FETCH_FAILED';
      const { id } = choice.entry;
      const { detail, remedy } = choiceText(choice);
      const said = remedy === undefined ? detail : `${detail}  → ${remedy}`;
      output.line(values.json ? JSON.stringify({ id, ok: true, why: choice.why, detail, remedy }) : said);
    } catch (error) {
      ok = false;
      const problem = describeError(error);
      output.line(values.json ? JSON.stringify({ id: named, ok: false, problem }) : `fail  ${problem}`);
    }
  }
  return ok ? 0 : 1;
}

function writer(output: Output, json: boolean) {
  const line = (value: ModelStatus | ModelOutcome, text: string) =>
    output.line(json ? JSON.stringify(value) : text);
  return {
    statuses(list: readonly ModelStatus[], exitCode: () => number): number {
      for (const model of list) line(model, statusLine(model));
      return exitCode();
    },
    outcomes(list: readonly ModelOutcome[]): number {
      for (const outcome of list) line(outcome, outcomeLine(outcome));
      return list.every(({ ok }) => ok) ? 0 : 1;
    },
  };
}

function statusLine({
  id,
  state,
  default: isDefault,
  licence,
  bytes,
  sha256,
  source,
  problem,
}: ModelStatus): string {
  const mark = isDefault ? '*' : ' ';
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  return `${mark} ${id.padEnd(18)} ${state.padEnd(8)} ${size.padStart(7)}  ${licence.padEnd(12)} ${sha256.slice(0, 12)}  ${source}${problem && state === 'corrupt' ? `\n    ${problem}` : ''}`;
}

function outcomeLine({ id, ok, origin, file, problem }: ModelOutcome): string {
  if (origin === 'bundled') return `ok    ${id}: part of this software, nothing to fetch (${file})`;
  return ok ? `ok    ${id}: ${origin}, ${file}` : `fail  ${id}: ${problem}`;
}
