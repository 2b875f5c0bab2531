export { type Catalogue, loadCatalogue, loadProfiles, type Profile } from './profile.ts';
export { readSensor, type SensorReading } from './sensor.ts';
export { profileChecks } from './site-checks.ts';
