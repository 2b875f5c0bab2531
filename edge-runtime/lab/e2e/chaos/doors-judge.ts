import type { SentCommand } from './guard.ts';

/** A coil write as the relay board saw it. */
export interface BoardWrite {
  readonly board: 'tcp' | 'rtu';
  readonly channel: number;
  readonly value: number;
  readonly atMs: number;
}

/** The demo site's wiring, from its site file. */
const wiring: Readonly<Record<string, readonly [device: string, action: string]>> = {
  'tcp/0': ['main-barrier', 'open'],
  'tcp/1': ['main-barrier', 'close'],
  'tcp/2': ['main-barrier', 'stop'],
  'tcp/3': ['unit-1-door', 'open'],
  'rtu/0': ['yard-door', 'open'],
};
/** A command without an expiry of its own lives for ten seconds. */
const lifeMs = 10_000;
/** The board's clock is read over HTTP. */
const slackMs = 250;

export interface DoorsResult {
  /** Writes that closed a relay; the others released it. */
  readonly pulses: number;
  readonly matched: number;
  /** Openings over an occupied loop that nobody had asked for. */
  readonly reflexes: number;
  /** Writes that no command of the last ten seconds asked for: doubled, late, or made up. */
  readonly unexplained: readonly string[];
  /** Commands said to be confirmed that no write belongs to. */
  readonly unbacked: readonly string[];
  /** Writes of a command that had been refused. */
  readonly refusedButMoved: readonly string[];
}

/**
 * Matches every relay write to one command that asked for it while it was valid. The box's own reflex,
 * raising the barrier over an occupied loop, needs no command. Refused commands are matched last, so that one
 * that moved shows.
 */
export function judgeDoors(
  writes: readonly BoardWrite[],
  commands: readonly SentCommand[],
  loopOccupiedAt: (atMs: number) => boolean,
): DoorsResult {
  const used = new Map<SentCommand, BoardWrite>();
  const unexplained: string[] = [];
  const rank = (c: SentCommand) => (c.state === 'confirmed' ? 0 : refused(c) ? 2 : 1);
  const pulses = writes.filter(({ value }) => value !== 0);
  let reflexes = 0;
  for (const write of pulses) {
    const [device, action] = wiring[`${write.board}/${write.channel}`] ?? [];
    const command = commands
      .filter((c) => !used.has(c) && c.device === device && c.action === action)
      .filter((c) => write.atMs >= c.sentMs - slackMs && write.atMs <= c.sentMs + lifeMs + slackMs)
      .toSorted((a, b) => rank(a) - rank(b) || a.sentMs - b.sentMs)[0];
    if (command) used.set(command, write);
    else if (write.board === 'tcp' && write.channel === 0 && loopOccupiedAt(write.atMs)) reflexes++;
    else unexplained.push(`${write.board}/${write.channel} at ${new Date(write.atMs).toISOString()}`);
  }
  const line = (c: SentCommand) => `${c.device} ${c.action} ${c.state} ${c.reason ?? ''} ${c.commandId}`;
  return {
    pulses: pulses.length,
    matched: used.size,
    reflexes,
    unexplained,
    unbacked: commands.filter((c) => c.state === 'confirmed' && !used.has(c)).map(line),
    refusedButMoved: [...used.keys()].filter(refused).map(line),
  };
}

function refused({ state }: SentCommand): boolean {
  // The runtime's word for an answer that was lost: the door may have moved.
  if (state === 'refused:COMMAND_UNANSWERED') return false;
  return state === 'rejected' || state === 'expired' || (state?.startsWith('refused:') ?? false);
}
