import {
  deriveModels,
  fetchModels,
  listModels,
  type ModelOutcome,
  type ModelStatus,
  verifyModels,
} from '@gatehouse/models';
import { type Output, readArgs, usageError, type Verb } from '../verb.ts';

export const models: Verb = {
  usage: 'models list | fetch [ID…|all] | verify [ID…] | derive [ID…]  [--json]',
  summary:
    'the catalogue: every file pinned by SHA-256 and licence; fetched from GATEHOUSE_MODEL_MIRROR or the pinned address',
  async run(args, output) {
    const { values, words } = readArgs('models', args, {}, 20);
    const [action = 'list', ...ids] = words;
    const write = writer(output, values.json === true);
    if (action === 'list') return write.statuses(await listModels(), () => 0);
    if (action === 'verify') {
      const { ok, models: checked } = await verifyModels(ids);
      return write.statuses(checked, () => (ok ? 0 : 1));
    }
    if (action === 'fetch') return write.outcomes(await fetchModels(ids));
    if (action === 'derive') return write.outcomes(await deriveModels(ids));
    throw usageError(`models: no action is called "${action}".`, 'models');
  },
};

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
  return ok ? `ok    ${id}: ${origin}, ${file}` : `fail  ${id}: ${problem}`;
}
