import {
  actionsOf,
  type ContactName,
  type Device,
  type Input,
  type Interlock,
  type Sensor,
  type Site,
} from '@gatehouse/contracts';

/** One thing that the sheet proves. */
export type Step =
  | { readonly type: 'move'; readonly device: Device; readonly action: 'open' | 'close' | 'stop' }
  | { readonly type: 'limits'; readonly device: Device }
  | { readonly type: 'contact'; readonly device: Device; readonly contact: ContactName }
  | { readonly type: 'hold'; readonly device: Device }
  | { readonly type: 'interlock'; readonly interlock: Interlock }
  | { readonly type: 'sensor'; readonly sensor: Sensor }
  | { readonly type: 'input'; readonly input: Input }
  | { readonly type: 'fire'; readonly input: Input; readonly opens: readonly Device[] };

/** Contacts that a person actuates; limits and door contacts are proved by the movement. */
const byHand: readonly ContactName[] = ['loop', 'loopFault', 'exit', 'tamper'];

/**
 * Every relay, contact, limit, loop, interlock, sensor and input of a site, in the order in which an
 * installer walks: device by device, then the inputs, the fire inputs last, because they open everything.
 */
export function acceptancePlan(site: Site): Step[] {
  const inputs = (fire: boolean) => site.inputs.filter(({ kind }) => (kind === 'fire') === fire);
  const opens = site.devices.filter(opensInFire);
  return [
    ...site.devices.flatMap(stepsOf),
    ...site.interlocks.map((interlock): Step => ({ type: 'interlock', interlock })),
    ...site.sensors.map((sensor): Step => ({ type: 'sensor', sensor })),
    ...inputs(false).map((input): Step => ({ type: 'input', input })),
    ...inputs(true).map((input): Step => ({ type: 'fire', input, opens })),
  ];
}

function stepsOf(device: Device): Step[] {
  const actions = actionsOf(device);
  const moves = (['open', 'stop', 'close'] as const).filter((action) => actions.includes(action));
  const { open, closed } = device.inputs;
  return [
    ...moves.map((action): Step => ({ type: 'move', device, action })),
    ...(open === undefined && closed === undefined ? [] : [{ type: 'limits', device } as const]),
    ...byHand
      .filter((contact) => device.inputs[contact] !== undefined)
      .map((contact): Step => ({ type: 'contact', device, contact })),
    ...(actions.includes('hold-open') ? [{ type: 'hold', device } as const] : []),
  ];
}

/** Whether the box itself opens a device in a fire (contracts: `onFire`). */
export function opensInFire({ kind, failMode, onFire }: Device): boolean {
  return (onFire ?? (kind === 'door' && failMode === 'secure' ? 'none' : 'open')) === 'open';
}

/** Whether a contact says that it is open; a door may have either. */
export function tellsOpen({ kind, inputs }: Device): boolean {
  return inputs.open !== undefined || (kind === 'door' && inputs.closed !== undefined);
}
