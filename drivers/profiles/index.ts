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
export { type DeviceProblem, deviceProblems, unitProblems } from './site-devices.ts';
export { holdProblems, inputProblems } from './site-inputs.ts';
export { sensorProblems } from './site-sensors.ts';
