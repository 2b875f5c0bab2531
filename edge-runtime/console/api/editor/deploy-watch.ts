import type { IncomingMessage } from 'node:http';
import type { Log } from '@gatehouse/kit';
import type { Session } from '../auth/sessions.ts';
import { addressOf } from '../connections/address.ts';
import { consoleError } from '../errors.ts';
import type { EditorPort } from '../ports.ts';

/**
 * Node-RED's ways to change flows: all of them, or one. What is below `/flows/flows` and `/flows/flow`, and
 * no look at it.
 */
const changesFlows = /^\/flows\/flows?(?:[/?]|$)/;
const changing: readonly (string | undefined)[] = ['POST', 'PUT', 'DELETE'];
/** Deploys that wait for the one under way; one more is refused (drop-newest). */
const maxWaiting = 8;

/**
 * Puts every deploy on record, with who and which flows before and after. Here and not in Node-RED, because
 * only here it is certain who asks, and because flows are programs that could keep quiet about themselves.
 * One at a time, so that "before" and "after" are those of this one. A deploy that cannot be recorded is not
 * made.
 */
export class DeployWatch {
  readonly #editor: EditorPort;
  readonly #log: Log;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  constructor(editor: EditorPort, log: Log) {
    this.#editor = editor;
    this.#log = log;
  }

  /** Carries out a request of the editor. Throws `DEPLOY_BUSY`, and what keeps a deploy off the record. */
  async around(request: IncomingMessage, session: Session, act: () => Promise<unknown>): Promise<void> {
    if (!changing.includes(request.method) || !changesFlows.test(request.url ?? '')) {
      await act();
      return;
    }
    if (this.#waiting >= maxWaiting) throw consoleError('DEPLOY_BUSY');
    this.#waiting++;
    const before = this.#last;
    const turn = before.then(() => this.#deploy(request, session, act)).finally(() => this.#waiting--);
    this.#last = turn.catch((error) => this.#log.debug('deploy-failed', { error }));
    await turn;
  }

  async #deploy(request: IncomingMessage, session: Session, act: () => Promise<unknown>): Promise<void> {
    const by = { user: session.user, address: addressOf(request.socket) };
    const deploy = await this.#editor.beginDeploy(by);
    try {
      await act();
    } finally {
      // Also where the answer did not come: Node-RED may have taken the flows, and broken off over them.
      await deploy.end();
    }
  }
}
