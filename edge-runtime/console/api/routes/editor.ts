import type { Request } from 'express';
import type { Handler } from '../call.ts';
import { sessionOf } from '../call.ts';
import type { EditorAccess } from '../editor/editor-access.ts';
import { enterPath } from '../editor/editor-server.ts';
import { originOf } from '../same-origin.ts';

/** The console's part of the way to the flow editor: a ticket, and the address that a form posts it to. */
export function editorRoutes(
  access: EditorAccess,
  editorOrigin: (request: Request) => string,
  https: boolean,
) {
  return {
    async editorTicket(call) {
      const ticket = access.mintTicket(sessionOf(call), originOf(call.request, https));
      return { json: { ticket, enter: `${editorOrigin(call.request as Request)}${enterPath}` } };
    },
  } satisfies Record<string, Handler>;
}
