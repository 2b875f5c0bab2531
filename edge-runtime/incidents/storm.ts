import type { Finding } from '@gatehouse/contracts';

/**
 * A storm: one rule of one zone opens incident after incident, because a camera shakes, a tracker has lost
 * its head, or a hundred cars flee. A guard can act on one of them at most. Past the first few the openings
 * of a rule collapse into one incident that says how many there are. It is open until the last of them has
 * ended.
 */
export interface Storm {
  /** When incidents were opened of late, newest last. */
  readonly openedMs: readonly number[];
  /** The incident that stands for the others, as last told, while there is one. */
  readonly carrier: Finding | null;
  /** Occupancies that it stands for and that are still open, its own among them. */
  readonly members: readonly string[];
  /** The number of occupancies that it has stood for altogether. */
  readonly count: number;
  readonly toldMs: number;
}

export const calm: Storm = { openedMs: [], carrier: null, members: [], count: 0, toldMs: 0 };

/** So many incidents of one rule and zone within a minute are told one by one. */
const freely = 6;
const withinMs = 60_000;
/** The shortest time between two findings about the collapsed incident. */
const tellEveryMs = 60_000;
/** Most occupancies that one storm stands for; as many as a rule follows, so that none is ever left out. */
const maxMembers = 64;

/** Puts a storm's findings into one. A finding that does not belong to a storm passes as it is. */
export function collapse(storm: Storm, findings: readonly Finding[], atMs: number) {
  let now = storm;
  const told: Finding[] = [];
  for (const finding of findings) {
    const step = take(now, finding, atMs);
    now = step.storm;
    if (step.told) told.push(step.told);
  }
  return { storm: now, findings: told };
}

/**
 * A storm without occupancies that an edited site does not watch any more.
 * @returns the keys of incidents that have to be cleared for it
 */
export function forget(storm: Storm, dropped: readonly string[]) {
  const members = storm.members.filter((key) => !dropped.includes(key));
  const alone = dropped.filter((key) => !storm.members.includes(key));
  if (storm.carrier === null || members.length > 0) return { storm: { ...storm, members }, gone: alone };
  return { storm: { ...calm, openedMs: storm.openedMs }, gone: [...alone, storm.carrier.occupancy] };
}

interface Taken {
  readonly storm: Storm;
  readonly told?: Finding;
}

function take(storm: Storm, finding: Finding, atMs: number): Taken {
  if (finding.phase === 'opened') return open(storm, finding, atMs);
  if (!storm.members.includes(finding.occupancy)) return { storm, told: finding };
  return finding.phase === 'cleared' ? clear(storm, finding) : update(storm, finding, atMs);
}

function open(storm: Storm, finding: Finding, atMs: number): Taken {
  const openedMs = [...storm.openedMs.filter((ms) => ms <= atMs && atMs - ms < withinMs), atMs].slice(
    -freely - 1,
  );
  const stormy = openedMs.length > freely && storm.members.length < maxMembers;
  if (!stormy) return { storm: { ...storm, openedMs }, told: finding };
  const members = [...storm.members, finding.occupancy];
  const count = storm.count + 1;
  if (storm.carrier) return retell({ ...storm, openedMs, members, count }, storm.carrier, atMs);
  const carrier = counted(finding, count);
  return { storm: { openedMs, carrier, members, count, toldMs: atMs }, told: carrier };
}

function update(storm: Storm, finding: Finding, atMs: number): Taken {
  const carrier = storm.carrier ?? finding;
  const urgent = finding.priority < carrier.priority;
  if (!urgent) return retell(storm, carrier, atMs);
  const raised = { ...counted(carrier, storm.count), phase: 'updated' as const, priority: finding.priority };
  return { storm: { ...storm, carrier: raised, toldMs: atMs }, told: raised };
}

/** Tells of the collapsed incident again, if it is time. */
function retell(storm: Storm, carrier: Finding, atMs: number): Taken {
  if (atMs - storm.toldMs < tellEveryMs && atMs >= storm.toldMs) return { storm };
  const evidence = { ...carrier.evidence, atMs };
  const told = counted({ ...carrier, evidence, phase: 'updated' }, storm.count);
  return { storm: { ...storm, carrier: told, toldMs: atMs }, told };
}

/** One of them is over; with the last the incident is. */
function clear(storm: Storm, finding: Finding): Taken {
  const members = storm.members.filter((key) => key !== finding.occupancy);
  if (members.length > 0 || !storm.carrier) return { storm: { ...storm, members } };
  const { occupancy, priority } = storm.carrier;
  const told = counted({ ...finding, occupancy, priority }, storm.count);
  return { storm: { ...calm, openedMs: storm.openedMs }, told };
}

function counted(finding: Finding, count: number): Finding {
  const gates = finding.evidence.gates.filter(({ name }) => name !== 'collapsed');
  const gate = { name: 'collapsed', value: count, passed: true };
  return { ...finding, evidence: { ...finding.evidence, gates: [...gates.slice(0, 19), gate] } };
}
