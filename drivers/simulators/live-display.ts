import type { UnitView } from './rehearsal.ts';

/** One line a unit: requests, fault, relays and inputs as filled or empty dots, plants in words. */
export function displayLines(units: readonly UnitView[]): string[] {
  const head = `${'unit'.padEnd(16)}${'requests'.padStart(9)}  ${'fault'.padEnd(10)}${'relays'.padEnd(10)}${'inputs'.padEnd(18)}`;
  return [
    head,
    ...units.map(({ unit, name, requests, fault, relays, inputs, plants }) => {
      const isGood = fault === 'none';
      const who = `${unit} ${name}`.padEnd(16);
      const state = `${(isGood ? '-' : fault.toUpperCase()).padEnd(10)}${dots(relays).padEnd(10)}${dots(inputs).padEnd(18)}`;
      return `${who}${String(requests).padStart(9)}  ${state}${plants.join(', ')}`.trimEnd();
    }),
  ];
}

function dots(bits: readonly boolean[]): string {
  return bits.map((on) => (on ? '●' : '○')).join('');
}
