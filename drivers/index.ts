export { buildDrivers, type DriversOptions } from './drivers.ts';
export { loadProfiles, Profile } from './profiles/profile.ts';
