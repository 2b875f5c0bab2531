import type { Log } from '@gatehouse/kit';
import type { RuntimeFlowsClient } from '@gatehouse/local-api';

/** Header in which the console hands over the editor token of a login it has checked. */
export const editorHeader = 'x-gatehouse-editor';

/** Longer than any token the console mints; a longer one is refused unread. */
const maxTokenLength = 500;

/** Node-RED's view of a person: `*` may do everything in the editor. */
export interface EditorUser {
  readonly username: string;
  readonly permissions: '*';
}

/**
 * Sessions of the editor. The runtime says which user stands behind a token; an installer or administrator
 * may use the editor. Every other answer, and no answer, is a refusal (fail closed).
 */
export class EditorSessions {
  readonly #runtime: RuntimeFlowsClient;
  readonly #log: Log;
  constructor(runtime: RuntimeFlowsClient, log: Log) {
    this.#runtime = runtime;
    this.#log = log;
  }

  async verify(token: unknown): Promise<EditorUser | null> {
    if (typeof token !== 'string' || token.length === 0 || token.length > maxTokenLength) return null;
    try {
      const whom = await this.#runtime.call('verifyEditorToken', { body: { token } });
      if (whom.role !== 'installer' && whom.role !== 'administrator') return null;
      return { username: whom.user, permissions: '*' };
    } catch (error) {
      this.#log.warn('editor-token-refused', { error });
      return null;
    }
  }
}

/**
 * Node-RED's `adminAuth`: tokens in the console's header and nothing else. No `type`, so Node-RED mounts no
 * password login at all; no `default`, so nobody is anonymous (`@node-red/editor-api/lib/auth`).
 */
export function adminAuth(sessions: EditorSessions) {
  return {
    tokens: (token: unknown) => sessions.verify(token),
    tokenHeader: editorHeader,
    sessionExpiryTime: 3600,
  };
}
