/** A login at the console without a browser: the cookie, and the key that the console's page would keep. */
export class ConsoleClient {
  readonly #origin: string;
  #cookie = '';
  #pageKey = '';
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The cookie of its login. */
  get cookie(): string {
    return this.#cookie;
  }

  /** With them a request is one of its page. */
  get headers(): Readonly<Record<string, string>> {
    return { cookie: this.#cookie, 'x-gatehouse-key': this.#pageKey };
  }

  async enter(path: '/api/setup' | '/api/login', body: object): Promise<void> {
    const answer = await this.post(path, body);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    this.#cookie = cookiesOf(answer).find((pair) => pair.startsWith('gatehouse_session=')) ?? '';
    this.#pageKey = ((await answer.json()) as { pageKey: string }).pageKey;
  }

  post(path: string, body: object, signal: AbortSignal | null = null): Promise<Response> {
    return fetch(`${this.#origin}${path}`, {
      method: 'POST',
      headers: {
        ...this.headers,
        'content-type': 'application/json',
        'x-gatehouse': '1',
      },
      body: JSON.stringify(body),
      signal,
    });
  }

  async get(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#origin}${path}`, {
      headers: this.headers,
      signal: AbortSignal.timeout(5_000),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }

  /** Goes the way of the console's page into the flow editor; returns its origin and its cookie. */
  async enterEditor(): Promise<{ readonly origin: string; readonly cookie: string }> {
    const answer = await this.post('/api/editor/tickets', {});
    const { ticket, enter } = (await answer.json()) as { ticket: string; enter: string };
    const entered = await fetch(enter, {
      method: 'POST',
      headers: { origin: this.#origin },
      body: new URLSearchParams({ ticket }),
      redirect: 'manual',
    });
    return { origin: new URL(enter).origin, cookie: cookiesOf(entered)[0] ?? '' };
  }
}

function cookiesOf(answer: Response): string[] {
  return answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
}
