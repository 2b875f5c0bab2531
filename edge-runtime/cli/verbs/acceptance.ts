import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { driversForCli, loadSite, runtimeForCli } from '@gatehouse/contracts';
import {
  type AcceptanceRecord,
  AcceptanceRun,
  acceptanceSheet,
  driversPid,
  type Hands,
  type Language,
  type Line,
  languages,
  type Mode,
  nobody,
  overall,
  ServicePeer,
  SimulatorHands,
  TerminalHands,
  text,
} from '@gatehouse/drivers/commissioning';
import { type Clock, errorOf, type GatehouseError, isoWithOffset, systemCode } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import packageFile from '../package.json' with { type: 'json' };
import { readArgs, required, type Verb } from '../verb.ts';

const options = {
  site: 'string',
  out: 'string',
  by: 'string',
  rehearse: 'string',
  unattended: 'boolean',
} as const;

/**
 * The acceptance sheet: through the services of the running box, with an installer, a simulator, or nobody at
 * the doors.
 */
export function acceptance(clock: Clock): Verb {
  return {
    usage:
      'acceptance --site FILE --out NAME --by NAME [--lang zh|en] [--rehearse SIMULATOR-URL | --unattended] [--json]',
    summary: {
      zh: '按 GB 50396-2007 的 2 秒和 5 秒，验证每个继电器、触点、限位、地感、互锁、报警和火警输入；会使门动作；写出 NAME.zh-CN.html、NAME.en.html（用 A4 打印并签字）和 NAME.json',
      en: 'proves every relay, contact, limit, loop, interlock, alarm and fire input against the 2 s and 5 s of GB 50396-2007; moves doors; writes NAME.zh-CN.html, NAME.en.html (print on A4, sign) and NAME.json',
    },
    async run(args, output) {
      const { values } = readArgs('acceptance', args, options);
      const site = loadSite(required(values.site, 'acceptance', 'site'));
      const out = required(values.out, 'acceptance', 'out');
      const by = required(values.by, 'acceptance', 'by');
      const { language } = output;
      const mode = modeOf(values);
      const drivers = apiClient(driversForCli);
      const pid = await driversPid(drivers);
      if (pid === undefined) throw servicesAway();
      const peer = new ServicePeer(drivers, apiClient(runtimeForCli), by, clock);
      const { hands, leave } = handsOf(mode, values.rehearse, language, clock);
      const startedAt = isoWithOffset(clock.epochMs());
      const lines: Line[] = [];
      try {
        for await (const line of new AcceptanceRun({ site, peer, hands, clock, driversPid: pid }).lines()) {
          lines.push(line);
          output.line(values.json ? JSON.stringify(line) : lineOf(line, language));
        }
      } finally {
        leave();
      }
      const record: AcceptanceRecord = {
        site: site.site,
        box: site.box.id,
        software: packageFile.version,
        by,
        mode,
        startedAt,
        endedAt: isoWithOffset(clock.epochMs()),
        lines,
      };
      for (const file of write(record, out)) output.note(file);
      const result = overall(lines);
      output.note(text(language, `overall.${result}`));
      return result === 'passed' ? 0 : 1;
    },
  };
}

function modeOf({
  rehearse,
  unattended,
}: {
  readonly rehearse?: string;
  readonly unattended?: boolean;
}): Mode {
  if (rehearse !== undefined && unattended) throw errorOf('USAGE/acceptance');
  if (rehearse !== undefined) return 'rehearsal';
  return unattended ? 'unattended' : 'attended';
}

/** The person or program at the doors, and how they are sent home. */
function handsOf(
  mode: Mode,
  simulator: string | undefined,
  language: Language,
  clock: Clock,
): { readonly hands: Hands; readonly leave: () => void } {
  if (mode === 'unattended') return { hands: nobody, leave: () => undefined };
  if (mode === 'rehearsal')
    return { hands: new SimulatorHands(simulator ?? '', clock), leave: () => undefined };
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return { hands: new TerminalHands(asking(terminal), language, clock), leave: () => terminal.close() };
}

function lineOf({ name, check, verdict, measures, reason }: Line, language: Language): string {
  const times = measures.map(
    ({ clause, ms }) => `${text(language, `clause.${clause}`)} ${(ms / 1000).toFixed(2)} s`,
  );
  return [
    text(language, `verdict.${verdict}`).padEnd(10),
    `${name[language]}: ${text(language, `check.${check}`)}`,
    ...times,
    ...(reason ? [text(language, `reason.${reason}`)] : []),
  ].join('  ');
}

function write(record: AcceptanceRecord, out: string): string[] {
  const files = [
    ...languages.map((language) => [`${out}.${language}.html`, acceptanceSheet(record, language)] as const),
    [`${out}.json`, `${JSON.stringify(record, undefined, 2)}\n`] as const,
  ];
  for (const [file, content] of files) {
    try {
      writeFileSync(file, content);
    } catch (cause) {
      throw errorOf('SHEET_NOT_WRITTEN', { file, reason: systemCode(cause) ?? 'error' }, { cause });
    }
  }
  return files.map(([file]) => file);
}

function asking(terminal: ReturnType<typeof createInterface>) {
  let ended = false;
  terminal.once('close', () => {
    ended = true;
  });
  return async (question: string) => (ended ? undefined : terminal.question(`${question} `));
}

function servicesAway(): GatehouseError {
  return errorOf('DRIVERS_AWAY');
}
