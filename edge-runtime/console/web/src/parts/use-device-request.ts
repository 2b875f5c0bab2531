import type { CommandOutcome, DeviceAction, DeviceState } from '@gatehouse/contracts';
import { useState } from 'react';
import { callApi, newCommandId } from '../api.ts';

/** The state of a command on the card: under way, answered, or without an answer. */
export type ShownOutcome =
  | { readonly kind: 'sending' }
  | { readonly kind: 'no-answer'; readonly action: DeviceAction; readonly error: unknown }
  | { readonly kind: 'outcome'; readonly outcome: CommandOutcome };

type Asked =
  | { readonly kind: 'sending'; readonly commandId: string; readonly action: DeviceAction }
  | {
      readonly kind: 'no-answer';
      readonly commandId: string;
      readonly action: DeviceAction;
      readonly error: unknown;
    }
  | { readonly kind: 'outcome'; readonly commandId: string; readonly outcome: CommandOutcome };

/**
 * Sends this user's commands to one device and follows them: the answer comes with the request, or later with
 * the device's state. Somebody else's newer command is shown as well.
 */
export function useDeviceRequest(device: DeviceState) {
  const [asked, setAsked] = useState<Asked>();
  /** `holdS`: the time to hold open, seconds. */
  const ask = (action: DeviceAction, holdS?: number) => {
    const commandId = newCommandId();
    setAsked({ kind: 'sending', commandId, action });
    callApi('requestDevice', {
      id: device.id,
      body: { action, commandId, ...(holdS === undefined ? {} : { holdS }) },
    }).then(
      (outcome) => setAsked({ kind: 'outcome', commandId, outcome }),
      (error) => setAsked({ kind: 'no-answer', commandId, action, error }),
    );
  };
  return {
    ask,
    pending: asked?.kind === 'sending' ? asked.action : undefined,
    outcome: shown(asked, device.lastCommand),
  };
}

const ended = new Set(['confirmed', 'unconfirmed', 'expired', 'rejected', 'superseded', 'unknown']);

function shown(asked: Asked | undefined, last: CommandOutcome | undefined): ShownOutcome | undefined {
  if (!asked) return last && { kind: 'outcome', outcome: last };
  if (last?.commandId === asked.commandId) {
    const own = asked.kind === 'outcome' && ended.has(asked.outcome.state) ? asked.outcome : last;
    return { kind: 'outcome', outcome: own };
  }
  if (asked.kind !== 'outcome') return asked;
  const newer = last && Date.parse(last.acceptedAt) > Date.parse(asked.outcome.acceptedAt);
  return { kind: 'outcome', outcome: newer ? last : asked.outcome };
}
