import { cliErrors } from './rows/cli.ts';
import { consoleErrors } from './rows/console.ts';
import { databaseErrors } from './rows/databases.ts';
import { driversErrors } from './rows/drivers.ts';
import { flowsErrors } from './rows/flows.ts';
import { kitErrors } from './rows/kit.ts';
import { labErrors } from './rows/lab.ts';
import { modelsErrors } from './rows/models.ts';
import { receiverErrors } from './rows/receiver.ts';
import { runtimeErrors } from './rows/runtime.ts';
import { siteErrors } from './rows/site.ts';
import { storeErrors } from './rows/store.ts';
import { uplinkErrors } from './rows/uplink.ts';
import { visionErrors } from './rows/vision.ts';

/** The parts of the table, for the page of all errors, and for the test that no key stands in two. */
export const errorParts = {
  kit: kitErrors,
  databases: databaseErrors,
  site: siteErrors,
  drivers: driversErrors,
  vision: visionErrors,
  models: modelsErrors,
  runtime: runtimeErrors,
  store: storeErrors,
  console: consoleErrors,
  flows: flowsErrors,
  uplink: uplinkErrors,
  receiver: receiverErrors,
  cli: cliErrors,
  lab: labErrors,
};

/** Every error of Gatehouse. */
export const errorTable = {
  ...kitErrors,
  ...databaseErrors,
  ...siteErrors,
  ...driversErrors,
  ...visionErrors,
  ...modelsErrors,
  ...runtimeErrors,
  ...storeErrors,
  ...consoleErrors,
  ...flowsErrors,
  ...uplinkErrors,
  ...receiverErrors,
  ...cliErrors,
  ...labErrors,
};
