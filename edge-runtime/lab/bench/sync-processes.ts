/** Shared parts of the sync benches: real processes, a broker, and the line that a measure prints. */
import { join } from 'node:path';
import { Mosquitto, Program } from '@gatehouse/harness';
import { nodeFlagsOf } from '../demo/process-table.ts';

const root = join(import.meta.dirname, '../../..');

/** Something that a bench ends when it is over. */
export interface Running {
  end(): Promise<unknown>;
}

/** A program of this tree on this Node, with the flags that it has on a box. Its errors go to stderr. */
export function program(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  log: 'kept' | 'ignored' = 'ignored',
): Program {
  const options = { env: { ...process.env, ...env }, log, errors: 'shown' } as const;
  return Program.ofNode([...nodeFlagsOf(file), join(root, file), ...args], options).start();
}

/**
 * A mosquitto for a bench; `config` lines are added. With its default of 20 messages in flight no commit of a
 * subscriber can hold more than 20 events, whatever the window.
 */
export function startMosquitto(folder: string, config: readonly string[] = []): Promise<Mosquitto> {
  const isSet = config.some((line) => line.startsWith('max_inflight_messages'));
  return Mosquitto.start(folder, isSet ? config : [...config, 'max_inflight_messages 1000']);
}

export interface Measure {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly floor?: number | undefined;
  readonly target?: number | undefined;
  readonly ok?: boolean;
}

/** Prints one JSON line; a measure that is not ok makes the exit code 1. */
export function report({ measure, value, unit, floor, target, ok = true }: Measure): void {
  const round = (n: number) => Math.round(n * 1000) / 1000;
  const line = {
    bench: 'sync',
    measure,
    value: round(value),
    unit,
    floor: floor === undefined ? null : round(floor),
    ratio: floor === undefined ? null : round(value / floor),
    target: target ?? null,
    ok,
  };
  console.log(JSON.stringify(line));
  if (!ok) process.exitCode = 1;
}
