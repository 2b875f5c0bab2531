export { buildDrivers, type DriversOptions } from './drivers.ts';
export { loadProfiles, type Profile } from './profiles/profile.ts';
