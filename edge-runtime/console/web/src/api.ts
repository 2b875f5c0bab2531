import {
  consoleRoutes,
  type JsonRouteName,
  type LoginAnswer,
  type RouteAnswer,
  type RouteRequest,
  type SessionAnswer,
} from '@gatehouse/contracts/console';
import { inWords, plainWords } from '@gatehouse/errors';
import i18next from 'i18next';
import { languageOf } from './i18n.ts';
import { addressOf, type Carry, type Sent } from './urls.ts';

/** An error the console's API answered, or `network` when none came. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly remedy: string;
  constructor(code: string, status: number, message: string, remedy = '') {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.remedy = remedy;
  }
}

/** Longest wait for an answer; a door command takes up to 5 s. */
const timeoutMs = 15_000;

/**
 * Name of the key of this browser's login in the origin's own storage. Cookies belong to the whole host,
 * whatever the port, so the box does nothing for a cookie without its key.
 */
const pageKeyName = 'gatehouse-page-key';

/** Called when the box no longer accepts this page's login. */
export const loginLost = new EventTarget();

/** Logs in and keeps the key of the login. Throws `ApiError`. */
export async function logIn(body: RouteRequest<'logIn'>): Promise<SessionAnswer> {
  return withKeyKept(await callApi('logIn', { body }));
}

/** Sets the box up, which logs in. Throws `ApiError`. */
export async function setUp(body: RouteRequest<'setUp'>): Promise<SessionAnswer> {
  return withKeyKept(await callApi('setUp', { body }));
}

function withKeyKept({ pageKey, ...session }: LoginAnswer): SessionAnswer {
  localStorage.setItem(pageKeyName, pageKey);
  return session;
}

/** Calls the console's API. Throws `ApiError`. */
export async function callApi<Name extends JsonRouteName>(
  name: Name,
  ...[carried]: Carry<Name>
): Promise<RouteAnswer<Name>> {
  const sent: Sent = carried ?? {};
  try {
    return await callOnce(name, sent);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'PAGE_KEY_WRONG') loginLost.dispatchEvent(new Event('lost'));
    // The box has refused the request unread, and the same answer has removed the wrong cookies.
    if (error.code === 'COOKIES_MIXED') return callOnce(name, sent);
    throw error;
  }
}

async function callOnce<Name extends JsonRouteName>(name: Name, sent: Sent): Promise<RouteAnswer<Name>> {
  const changes = consoleRoutes[name].method === 'post';
  const response = await fetch(addressOf(name, sent), {
    method: changes ? 'POST' : 'GET',
    headers: {
      'x-gatehouse': '1',
      'x-gatehouse-key': localStorage.getItem(pageKeyName) ?? '',
      ...(changes ? { 'content-type': 'application/json' } : {}),
    },
    signal: AbortSignal.timeout(timeoutMs),
    ...(changes ? { body: JSON.stringify(sent.body ?? {}) } : {}),
  }).catch((cause) => {
    throw new ApiError('network', 0, String(cause));
  });
  const answer = await response.json().catch((cause) => {
    throw new ApiError('network', response.status, String(cause));
  });
  if (response.ok) return answer;
  const { code = 'INTERNAL', message = '', remedy = '' } = answer?.error ?? {};
  throw new ApiError(code, response.status, message, remedy);
}

/** An error that another page of the box has sent the browser here with, by its code. */
export function errorInAddress(query: string): ApiError | undefined {
  const code = new URLSearchParams(query).get('error') ?? '';
  return /^[A-Z_]{3,40}$/.test(code) ? new ApiError(code, 0, code) : undefined;
}

/**
 * In the user's language: short words for the guard where there are some, otherwise the box's message with
 * the remedy.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  const { code } = error;
  if (code === 'network') return i18next.t('error.network');
  const language = languageOf(i18next.language);
  const plain = plainWords[code];
  if (plain) return language === 'en' ? plain.en : plain.zh;
  return i18next.t(`reason.${code}`, { defaultValue: inWords(error, language).join(' ').trim() });
}

/** A version 4 UUID; `crypto.randomUUID` exists only on HTTPS and localhost, the LAN has plain addresses. */
export function newCommandId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
