export {
  type Catalogue,
  loadCatalogue,
  loadProfiles,
  type Profile,
  readCatalogue,
  siteProfiles,
} from './profile.ts';
export { ProfileError } from './profile-error.ts';
export { readSensor, type SensorReading } from './sensor.ts';
export { profileChecks } from './site-checks.ts';
