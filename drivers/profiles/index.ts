export { loadProfiles, Profile } from './profile.ts';
export { type DeviceProblem, deviceProblems } from './site-devices.ts';
export { holdProblems, inputProblems } from './site-inputs.ts';
