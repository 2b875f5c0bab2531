export { sameZones, withZonesEdited, type ZonesByCamera, type ZonesEdit } from './edit.ts';
export type { SiteCheck, SiteFault, SiteFaultCode, SiteFaultValue } from './fault.ts';
export {
  dotted,
  invalidSite,
  lineFinder,
  loadSite,
  parseSite,
  readSiteBytes,
  readSiteText,
  type SiteProblem,
  type SiteReading,
  type SiteResult,
} from './parse.ts';
export { formText, type Language, problemLine, said, siteOk } from './said.ts';
export { cameraSecrets, readSecret, type SecretPaths, secretFaults } from './secrets.ts';
