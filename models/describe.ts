import type { Accuracy } from './catalogue.ts';
import type { ModelChoice } from './choose.ts';

/** A choice in words for a person at a terminal. */
export interface ChoiceText {
  /** Which model runs, and what that means, in one line. */
  readonly detail: string;
  /** How a better one would come to run; absent where nothing is to be done. */
  readonly remedy?: string;
}

/** A choice in plain words, with the catalogue's measured figures. */
export function choiceText({ entry, why, instead }: ModelChoice): ChoiceText {
  const found = finds(entry.accuracy);
  if (why === 'default') return { detail: `${entry.id}, the catalogue's default${found}` };
  if (why === 'named' || !instead) return { detail: `${entry.id}, as the site names it${found}` };
  const compared = findBoth(entry.accuracy, instead.entry?.accuracy);
  if (why === 'fallback') {
    const { code, message, remedy } = instead.failure;
    return {
      detail: `the bundled ${entry.id} runs instead of ${instead.id}${compared} (${code}: ${message})`,
      remedy,
    };
  }
  return {
    detail: `the bundled ${entry.id} runs, the default ${instead.id} is not on this box${compared}`,
    remedy: `To run it: npm run gatehouse -- models fetch ${instead.id}`,
  };
}

const percent = ({ recall }: Accuracy['person']) => `${Math.round(recall * 100)} %`;

function finds(accuracy: Accuracy | undefined): string {
  if (!accuracy) return '';
  const { vehicle, person } = accuracy;
  return `; on real test footage it finds ${percent(vehicle)} of the vehicles and ${percent(person)} of the people`;
}

function findBoth(runs: Accuracy | undefined, instead: Accuracy | undefined): string {
  if (!runs || !instead) return finds(runs);
  const vehicles = `${percent(runs.vehicle)} against ${percent(instead.vehicle)} of the vehicles`;
  return `; on real test footage it finds ${vehicles} and ${percent(runs.person)} against ${percent(instead.person)} of the people`;
}
