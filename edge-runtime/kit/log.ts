import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { describeError } from './errors.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

/** The log of every part of the box. `event` is a stable kebab-case name; the rest are fields. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log with fields added to every line. */
  with(fields: LogFields): Log;
}

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * Writes one JSON object a line, as journald and log shippers read them. Errors in fields become their
 * one-line text. User and password in URLs are blanked in every field.
 */
export function jsonLog(
  service: string,
  options: { level?: LogLevel; write?: (line: string) => void; clock?: Clock } = {},
): Log {
  const { level = 'info', write = (line) => process.stdout.write(line), clock = systemClock } = options;
  const threshold = order.indexOf(level);
  const build = (base: LogFields): Log => {
    const emit = (at: LogLevel, event: string, fields: LogFields = {}) => {
      if (order.indexOf(at) < threshold) return;
      const time = new Date(clock.epochMs()).toISOString();
      const line = JSON.stringify({ time, level: at, service, event, ...base, ...fields }, errorsAsText);
      write(`${blankCredentials(line)}\n`);
    };
    return {
      debug: (event, fields) => emit('debug', event, fields),
      info: (event, fields) => emit('info', event, fields),
      warn: (event, fields) => emit('warn', event, fields),
      error: (event, fields) => emit('error', event, fields),
      with: (fields) => build({ ...base, ...fields }),
    };
  };
  return build({});
}

/** A log that says nothing. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLog,
};

function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? describeError(value) : value;
}

/** `rtsp://user:secret@host/` becomes `rtsp://***@host/` (RFC 3986 section 3.2.1 userinfo). */
export function blankCredentials(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#"@]*@/gi, '$1***@');
}
