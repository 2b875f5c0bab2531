import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export interface LoginAnswer {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
}

/** Logs in at a console on 127.0.0.1 from one of loopback's 16 million addresses. */
export async function logInFrom(
  port: number,
  address: string,
  credentials: { readonly user: string; readonly password: string },
  cookie?: string,
): Promise<LoginAnswer> {
  const call = request({
    host: '127.0.0.1',
    port,
    localAddress: address,
    agent: false,
    method: 'POST',
    path: '/api/login',
    headers: { 'content-type': 'application/json', 'x-gatehouse': '1', ...(cookie ? { cookie } : {}) },
  });
  call.end(JSON.stringify(credentials));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  return { status: response.statusCode ?? 0, code: body.error?.code, body, headers: response.headers };
}

/** The cookie by which a browser is known after a log-in. */
export function deviceIn({ headers }: LoginAnswer): string {
  const cookies = headers['set-cookie'] ?? [];
  return cookies.find((cookie) => cookie.startsWith('gatehouse_device='))?.split(';')[0] ?? '';
}

export function addressIn(net: number, n: number): string {
  return `127.${net}.${(n >> 8) & 255}.${n & 255}`;
}
