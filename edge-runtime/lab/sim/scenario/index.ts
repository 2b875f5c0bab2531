export { type ExpectedIncident, expectedIncidents, type Statements, type Window } from './expected.ts';
export { committedScenarios, scenarioFile, scenarioNames } from './files.ts';
export { type LoadedScenario, loadScenario, parseScenario } from './load.ts';
export { type ScenarioWorld, scenarioWorld, worldOf } from './scenario-world.ts';
export { expectedOf, type Sidecar, type SidecarZone, sidecarOf } from './sidecar.ts';
