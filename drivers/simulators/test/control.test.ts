import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControlServer } from '../control.ts';
import { BarrierPlant, DoorPlant } from '../plants.ts';
import { RelayBoard } from '../relay-board.ts';
import { TcpSlave } from '../tcp-slave.ts';

const wiring = { openRelay: 0, closeRelay: 1, stopRelay: 2, upLimit: 0, downLimit: 1, loop: 2 };

async function withControl(
  body: (
    plants: { barrier: BarrierPlant; board: RelayBoard },
    hand: (order: object) => Promise<{ status: number; text: string }>,
  ) => Promise<void>,
): Promise<void> {
  const barrier = new BarrierPlant(wiring);
  const board = new RelayBoard([barrier, new DoorPlant(3, 3)]);
  const control = new ControlServer({
    barrier,
    tcp: new TcpSlave(board),
    rtu: undefined,
    busIds: { tcp: 'gate-bus', rtu: 'yard-bus' },
  });
  await control.listen(0);
  const hand = async (order: object) => {
    const response = await fetch(`http://127.0.0.1:${control.port}/contact`, {
      method: 'POST',
      body: JSON.stringify({ bus: 'gate-bus', unit: 1, ...order }),
    });
    return { status: response.status, text: await response.text() };
  };
  try {
    await body({ barrier, board }, hand);
  } finally {
    await control.close();
  }
}

test('a hand closes and opens any input, and keeps it so whatever the plants do', () =>
  withControl(async ({ board }, hand) => {
    assert.equal((await hand({ channel: 7, closed: true })).status, 200);
    assert.equal((await hand({ channel: 1, closed: false })).status, 200);
    assert.deepEqual(board.bank.inputBits(), [false, false, false, false, false, false, false, true]);
    await hand({ channel: 7, closed: false });
    await hand({ channel: 1, closed: true });
    assert.deepEqual(board.bank.inputBits(), [false, true, false, false, false, false, false, false]);
  }));

test('a hand on the loop is a vehicle: an arm sent down is counted as lowered onto it, until it has left', () =>
  withControl(async ({ barrier, board }, hand) => {
    await hand({ channel: wiring.loop, closed: true });
    assert.equal(board.bank.inputBits()[wiring.loop], true);
    board.bank.write(wiring.closeRelay, true, 1, 100);
    assert.equal(barrier.loweredOntoVehicle, 1);
    barrier.loopOccupied = false;
    assert.equal(board.bank.inputBits()[wiring.loop], false);
  }));

test('a hand that finds nothing says so, and touches nothing', () =>
  withControl(async ({ board }, hand) => {
    const before = board.bank.inputBits();
    const bad: readonly (readonly [order: object, why: RegExp])[] = [
      [{ bus: 'yard-bus', channel: 0, closed: true }, /no board on a bus "yard-bus"/],
      [{ unit: 2, channel: 0, closed: true }, /no unit 2 on gate-bus/],
      [{ channel: 8, closed: true }, /channel must be 0 to 7/],
      [{ channel: '0', closed: true }, /channel must be 0 to 7/],
      [{ channel: 0, closed: 1 }, /closed must be true or false/],
    ];
    for (const [order, why] of bad) {
      const { status, text } = await hand(order);
      assert.equal(status, 400);
      assert.match(text, why);
    }
    assert.deepEqual(board.bank.inputBits(), before);
  }));
