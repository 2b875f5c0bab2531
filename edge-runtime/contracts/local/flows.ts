import { z } from 'zod';
import { FlowsDeployment, FlowsStanding, maxDesiredBytes } from '../wire/platform-desired.ts';
import { json, localTable, nothing } from './table.ts';

const Version = z.strictObject({ version: z.int().min(1) });
const maxBodyBytes = maxDesiredBytes + 1024;

/** The editor's socket has no table: below `/flows` it is Node-RED's, each call with a console's token. */
export const flowsForRuntime = localTable(
  'flows',
  'runtime',
  {
    state: {
      is: 'GET /gatehouse/state',
      about: "the feed's place, for people",
      answer: json(
        z.object({
          connected: z.boolean(),
          /** Changes that at least one node took, since this process started. */
          delivered: z.int().min(0),
          lastIncident: z.object({ id: z.string(), kind: z.string(), phase: z.string() }).optional(),
        }),
      ),
    },
    standing: { is: 'GET /gatehouse/flows', about: 'which flows run, and how', answer: json(FlowsStanding) },
    deploy: {
      is: 'PUT /gatehouse/flows',
      about:
        'puts flows in the place of those before, which are kept with their credentials; LOCALLY_EDITED, FLOW_TYPE_UNKNOWN, FLOWS_NOT_DEPLOYED, FLOWS_NOT_READ',
      body: FlowsDeployment,
      answer: json(FlowsStanding),
    },
    undo: {
      is: 'POST /gatehouse/flows/undo',
      about: 'back to what that deployment replaced, unless somebody changed it since',
      body: Version,
      answer: nothing,
    },
    release: {
      is: 'POST /gatehouse/flows/release',
      about: 'what that deployment replaced is kept no longer',
      body: Version,
      answer: nothing,
    },
  },
  maxBodyBytes,
);
