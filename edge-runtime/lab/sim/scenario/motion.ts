/** The distance of a moving thing `t` seconds after it set off. */
export interface Motion {
  readonly lengthM: number;
  readonly durationS: number;
  /** Top speed, metres a second. */
  readonly speedMps: number;
  readonly at: (t: number) => { readonly travelledM: number; readonly speedMps: number };
  /** When braking begins. */
  readonly brakesAtS: number;
}

export interface Ends {
  /** Sets off from rest. */
  readonly restBefore: boolean;
  /** Comes to rest. */
  readonly restAfter: boolean;
}

/**
 * The shortest motion over a length that keeps to a top speed: constant acceleration, cruise, constant
 * braking.
 */
export function cruise(lengthM: number, speedMps: number, accelMps2: number, ends: Ends): Motion {
  const ramps = Number(ends.restBefore) + Number(ends.restAfter);
  // With no room to reach it, the ramps meet: each takes v^2 / 2a of the way.
  const top = ramps === 0 ? speedMps : Math.min(speedMps, Math.sqrt((2 * accelMps2 * lengthM) / ramps));
  return motion(lengthM, top, accelMps2, ends);
}

/**
 * The motion over a length that takes exactly so long, or `undefined` if the acceleration does not allow it.
 */
export function timed(lengthM: number, durationS: number, accelMps2: number, ends: Ends): Motion | undefined {
  const ramps = Number(ends.restBefore) + Number(ends.restAfter);
  // length = v (duration - ramps v / 2a), solved for the smaller v.
  const root = durationS * durationS - (2 * ramps * lengthM) / accelMps2;
  if (durationS <= 0 || root < 0) return undefined;
  const top = ramps === 0 ? lengthM / durationS : ((durationS - Math.sqrt(root)) * accelMps2) / ramps;
  return motion(lengthM, top, accelMps2, ends);
}

function motion(lengthM: number, top: number, accel: number, { restBefore, restAfter }: Ends): Motion {
  const rampS = top / accel;
  const rampM = (top * rampS) / 2;
  const [startS, startM] = restBefore ? [rampS, rampM] : [0, 0];
  const cruiseM = lengthM - startM - (restAfter ? rampM : 0);
  const brakesAtS = startS + (top > 0 ? cruiseM / top : 0);
  const durationS = brakesAtS + (restAfter ? rampS : 0);
  const at = (t: number) => {
    const now = Math.min(Math.max(t, 0), durationS);
    if (now < startS) return { travelledM: (accel * now * now) / 2, speedMps: accel * now };
    if (now <= brakesAtS) return { travelledM: startM + top * (now - startS), speedMps: top };
    const left = durationS - now;
    return { travelledM: lengthM - (accel * left * left) / 2, speedMps: accel * left };
  };
  return { lengthM, durationS, speedMps: top, at, brakesAtS: restAfter ? brakesAtS : durationS };
}
