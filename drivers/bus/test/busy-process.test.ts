import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Bus } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import { linkTo } from '../open-link.ts';
import type { BusRequest } from '../request.ts';
import { withCrc } from '../rtu-frame.ts';
import { ScriptedLine } from './scripted-line.ts';

const timeoutMs = 200;
const request: BusRequest = { kind: 'read-inputs', unit: 1, address: 0, count: 8 };
const reply = withCrc(Buffer.from([1, 2, 1, 0x05]));

/** A clock as a process has it that gets no processor: its timers fire when it runs again. */
class StoppedProcess implements Clock {
  #nowMs = 0;
  #timers: { readonly dueMs: number; readonly fn: () => void }[] = [];
  monotonicMs(): number {
    return this.#nowMs;
  }
  epochMs(): number {
    return this.#nowMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }
  /** Runs again after so long. */
  async resume(afterMs: number): Promise<void> {
    this.#nowMs += afterMs;
    for (const timer of this.#timers.filter(({ dueMs }) => dueMs <= this.#nowMs)) {
      this.#timers = this.#timers.filter((one) => one !== timer);
      timer.fn();
    }
    await turn();
  }
}

/** A request that is on the line. */
async function asked() {
  const clock = new StoppedProcess();
  const line = new ScriptedLine(() => undefined);
  const bus = Bus.parse({ id: 'line', kind: 'modbus-rtu', path: '/dev/none', baudRate: 9600, timeoutMs });
  const link = linkTo(bus, { clock, quarantineMs: 50, line });
  await link.open();
  const ended = link.exchange(request).then(
    ({ received }) => received?.toString('hex'),
    ({ code }: { readonly code: string }) => code,
  );
  await clock.resume(10);
  assert.equal(line.written.length, 1);
  return { clock, line, link, ended };
}

test('a reply that came in time counts, although the process hears of the time before it hears of the line', async () => {
  const { clock, line, link, ended } = await asked();
  await clock.resume(timeoutMs + 300);
  line.say(reply);
  await clock.resume(10);
  assert.equal(await ended, reply.toString('hex'));
  assert.equal(link.restMs(1), 0, 'the unit is asked on');
});

test('a process that was late and then hears nothing says so soon', async () => {
  const { clock, ended } = await asked();
  await clock.resume(timeoutMs + 300);
  await clock.resume(20);
  assert.equal(await ended, 'BUS_TIMEOUT');
});

test('a process that was not late does not wait longer', async () => {
  const { clock, line, ended } = await asked();
  await clock.resume(timeoutMs + 4);
  line.say(reply);
  assert.equal(await ended, 'BUS_TIMEOUT');
});
