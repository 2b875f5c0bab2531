export { checkText, type PlacedFault, problemOf, type SiteProblem, type TextResult } from './check-text.ts';
export { sameZones, withZonesEdited, type ZonesByCamera, type ZonesEdit } from './edit.ts';
export { siteText } from './encoding.ts';
export type { SiteCheck, SiteFault, SiteFaultCode, SiteFaultValue } from './fault.ts';
export { faultLine } from './fault-line.ts';
export type { Schema } from './form.ts';
export {
  invalidSite,
  loadSite,
  parseSite,
  readSiteBytes,
  readSiteText,
  type SiteReading,
  type SiteResult,
} from './parse.ts';
export { formText, type Language, problemLine, type Said, said, siteOk } from './said.ts';
export { cameraSecrets, readSecret, type SecretPaths, secretFaults } from './secrets.ts';
export type { Shape } from './shape.ts';
export { siteFileSet } from './site-path.ts';
