import { loadSite } from '@gatehouse/contracts';
import { describeError, lineInWords, nothingCalled } from '@gatehouse/kit';
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
import { choiceLine, modelsSaid, outcomeLine, statusLine } from './model-lines.ts';

export const models: Verb = {
  usage:
    'models list | fetch [ID…|all] | verify [ID…] | derive [ID…] | choose [--site FILE] [--fetch]  [--json]',
  summary: {
    zh: '模型目录：每个文件都以 SHA-256 和许可证锁定；从 GATEHOUSE_MODEL_MIRROR 或锁定的地址获取；choose 说明本主机会运行哪个模型',
    en: 'the catalogue: every file pinned by SHA-256 and licence; fetched from GATEHOUSE_MODEL_MIRROR or the pinned address; choose says which would run here',
  },
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
  const { language } = output;
  const tell = (fields: object, line: string) => output.line(values.json ? JSON.stringify(fields) : line);
  // Whom it asks is said before it is asked.
  const download: Download = (entry, url, signal) => {
    const { host } = new URL(url);
    const asked = { host, id: entry.id, seconds: hasty.answerMs / 1000 };
    const detail = modelsSaid('en', 'asking', asked);
    tell({ id: entry.id, asking: host, detail }, modelsSaid(language, 'asking', asked));
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
      tell({ id, ok: true, why: choice.why, detail, remedy }, choiceLine(choice, language));
    } catch (error) {
      ok = false;
      const problem = describeError(error);
      const told = lineInWords(problem, language);
      tell({ id: named, ok: false, problem }, modelsSaid(language, 'unusable', { problem: told }));
    }
  }
  return ok ? 0 : 1;
}

function writer(output: Output, json: boolean) {
  const line = (value: ModelStatus | ModelOutcome, text: string) =>
    output.line(json ? JSON.stringify(value) : text);
  return {
    statuses(list: readonly ModelStatus[], exitCode: () => number): number {
      for (const model of list) line(model, statusLine(model, output.language));
      return exitCode();
    },
    outcomes(list: readonly ModelOutcome[]): number {
      for (const outcome of list) line(outcome, outcomeLine(outcome, output.language));
      return list.every(({ ok }) => ok) ? 0 : 1;
    },
  };
}
