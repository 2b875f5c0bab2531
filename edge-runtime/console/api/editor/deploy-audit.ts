import type { IncomingMessage } from 'node:http';
import type { Log } from '@gatehouse/kit';
import type { Session } from '../auth/sessions.ts';
import { addressOf } from '../connections/address.ts';
import { consoleError } from '../errors.ts';
import type { EditorPort } from '../ports.ts';

/** Routes by which Node-RED changes all flows or one. Like Express, it ignores case. */
const changesFlows = /^\/flows\/flows?(?:[/?]|$)/i;
const changing: readonly (string | undefined)[] = ['POST', 'PUT', 'DELETE'];
/** Deploys that may wait for the running one; one more is refused. */
const maxWaiting = 8;

/**
 * Records every deploy, with the user and the hashes of the flows before and after. The console does it,
 * because only the console knows the user, and because flows are programs that could hide a deploy of their
 * own. It runs one deploy at a time, so both hashes belong to the same deploy. A deploy that cannot be
 * recorded is not made.
 */
export class DeployAudit {
  readonly #editor: EditorPort;
  readonly #log: Log;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  constructor(editor: EditorPort, log: Log) {
    this.#editor = editor;
    this.#log = log;
  }

  /** Carries out a request of the editor. Throws `DEPLOY_BUSY`, or the reason why it cannot be recorded. */
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
      // Also without an answer: Node-RED may have taken the flows and broken off then.
      await deploy.end();
    }
  }
}
