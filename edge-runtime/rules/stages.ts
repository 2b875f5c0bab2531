import type { ObjectClass } from '@gatehouse/contracts';

/** The stages of a class, in seconds of dwell. */
export interface Stages {
  /** `undefined`: none. */
  readonly voiceS: number | undefined;
  readonly alarmS: number;
  readonly escalateS: number;
}

interface StageParams {
  readonly voiceAfterS?: number | undefined;
  readonly alarmAfterS?: number | undefined;
  readonly escalateAfterS?: number | undefined;
}

/**
 * The stages of a class: its own, else those of the rule, else the defaults. The voice speaks only where it
 * comes before the alarm, and the priority never rises before the alarm.
 */
export function stagesFor(
  objectClass: ObjectClass,
  params: StageParams & {
    readonly perClass?: Readonly<Partial<Record<ObjectClass, StageParams>>> | undefined;
  },
  defaults: { readonly voiceS: number; readonly alarmS: number; readonly escalateS: number },
): Stages {
  const own = params.perClass?.[objectClass];
  const alarmS = own?.alarmAfterS ?? defaults.alarmS;
  const voiceS = own?.voiceAfterS ?? params.voiceAfterS ?? defaults.voiceS;
  const escalateS = own?.escalateAfterS ?? params.escalateAfterS ?? defaults.escalateS;
  return {
    voiceS: voiceS >= alarmS ? undefined : voiceS,
    alarmS,
    escalateS: Math.max(alarmS, escalateS),
  };
}
