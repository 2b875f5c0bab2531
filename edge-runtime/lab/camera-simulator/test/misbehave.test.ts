import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { until } from '@gatehouse/harness';
import { type CameraSimulator, startCameraSimulator } from '../index.ts';
import { ClipFolder } from './clips.ts';

const folder = new ClipFolder();
let camera: CameraSimulator;
const clients: Client[] = [];

before(async () => {
  const lot = folder.draw('lot.mp4');
  const noise = 'nullsrc=size=640x480:rate=25:duration=1,geq=random(1)*255:128:128';
  const heavy = folder.draw('noise.mp4', { source: noise, args: ['-preset', 'ultrafast', '-qp', '2'] });
  camera = await startCameraSimulator({
    streams: [
      {
        path: 'lot',
        clips: [lot],
        alternate: [
          folder.draw('other.mp4', {
            encoder: 'libx265',
            source: 'testsrc2=size=320x240:rate=25:duration=1.2',
          }),
        ],
      },
      { path: 'heavy', clips: [heavy] },
    ],
    maxUnsentBytes: 64 * 1024,
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await camera.heal('lot');
});
after(async () => {
  await camera.close();
  folder.remove();
});

/** A hand-written RTSP client that keeps every byte it gets. */
class Client {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  ended = false;
  #cseq = 0;
  constructor() {
    this.socket = connect({ port: camera.port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    this.socket.on('end', () => {
      this.ended = true;
    });
    this.socket.on('error', () => this.socket.destroy());
    clients.push(this);
  }
  /** Sends a request and returns the text of its response. */
  async ask(method: string, path: string, headers: Record<string, string> = {}): Promise<string> {
    const cseq = ++this.#cseq;
    const lines = Object.entries({ CSeq: String(cseq), ...headers }).map(([k, v]) => `${k}: ${v}\r\n`);
    this.socket.write(
      `${method} ${camera.url('lot').replace(/lot$/, path)} RTSP/1.0\r\n${lines.join('')}\r\n`,
    );
    let text = '';
    await until(`an answer to ${method}`, () => {
      const all = this.received.toString('latin1');
      const at = all.search(new RegExp(`RTSP/1\\.0 \\d+ [^\\r]*\\r\\nCSeq: ${cseq}\\r\\n`));
      text = at < 0 ? '' : all.slice(at, all.indexOf('\r\n\r\n', at));
      return text !== '' || this.socket.destroyed;
    });
    return text;
  }
  async play(path: string): Promise<void> {
    const setUp = await this.ask('SETUP', `${path}/trackID=1`, {
      Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1',
    });
    const session = /Session: (\w+)/.exec(setUp)?.[1] ?? '';
    assert.match(await this.ask('PLAY', path, { Session: session }), /200 OK/);
  }
  /** Interleaved RTP packets among the bytes since `from`, as long as the framing holds. */
  packets(from = 0): Buffer[] {
    const found: Buffer[] = [];
    // The first may be a sender report, whose clock may hold the bytes that begin a packet.
    const starts = [0, 1].map((channel) => this.received.indexOf(Buffer.from([0x24, channel]), from));
    let at = Math.min(...starts.map((start) => (start < 0 ? Number.POSITIVE_INFINITY : start)));
    while (this.received[at] === 0x24 && at + 4 <= this.received.length) {
      const end = at + 4 + this.received.readUInt16BE(at + 2);
      if (end > this.received.length) break;
      if (this.received[at + 1] === 0) found.push(this.received.subarray(at + 4, end));
      at = end;
    }
    return found;
  }
}

/** Waits until the camera itself has played on by that many seconds. */
async function playedOn(seconds: number): Promise<void> {
  let last = camera.position('lot').seconds;
  let passed = 0;
  await until('the camera to play on', () => {
    const now = camera.position('lot').seconds;
    passed += now >= last ? now - last : 0;
    last = now;
    return passed >= seconds;
  });
}

async function playing(path = 'lot'): Promise<Client> {
  const client = new Client();
  await client.play(path);
  await until('packets', () => client.packets().length > 3);
  return client;
}

test('a stalled camera answers but sends nothing, and plays on from a keyframe when healed', async () => {
  const client = await playing();
  await camera.misbehave('lot', 'stall');
  await playedOn(0.1);
  const before = client.received.length;
  await playedOn(0.5);
  assert.equal(client.received.length, before, 'no packet came while stalled');
  assert.match(await client.ask('GET_PARAMETER', 'lot'), /200 OK/);
  const healedAt = client.received.length;
  await camera.heal('lot');
  await until('packets after healing', () => client.packets(healedAt).length > 2);
  const [first] = client.packets(healedAt);
  assert.equal((first?.[12] ?? 0) & 0x1f, 7, 'the first NAL unit after the gap is an SPS');
});

test('a dropped connection is closed, and each new one after its PLAY, until healed', async () => {
  const client = await playing();
  await camera.misbehave('lot', 'drop');
  await until('the connection to be closed', () => client.socket.destroyed || client.ended);
  const again = new Client();
  await again.play('lot');
  await until('the new connection to be closed', () => again.socket.destroyed || again.ended);
  assert.equal(again.packets().length, 0);
  await camera.heal('lot');
  await playing();
});

test('a half-closed camera ends its side and still takes what the client sends', async () => {
  const client = await playing();
  await camera.misbehave('lot', 'half-close');
  await until('the end of the stream', () => client.ended);
  const written = new Promise((resolve) => client.socket.write('x'.repeat(1000), resolve));
  assert.ok(!(await written), 'no error');
});

test('a refusing camera closes its port and what plays, and opens the same port when healed', async () => {
  const client = await playing();
  await camera.misbehave('lot', 'refuse');
  await until('the connection to be closed', () => client.socket.destroyed || client.ended);
  const [error] = await once(connect(camera.port, '127.0.0.1'), 'error');
  assert.equal(error.code, 'ECONNREFUSED');
  await camera.heal('lot');
  await playing();
});

test('an unauthorizing camera ends what plays and answers 401 to every DESCRIBE', async () => {
  const client = await playing();
  await camera.misbehave('lot', 'unauthorized');
  await until('the connection to be closed', () => client.socket.destroyed || client.ended);
  const refused = await new Client().ask('DESCRIBE', 'lot');
  assert.match(refused, /401 Unauthorized/);
  assert.match(refused, /WWW-Authenticate: Digest realm="[^"]+", nonce="[^"]+"/);
  await camera.heal('lot');
  assert.match(await new Client().ask('DESCRIBE', 'lot'), /200 OK/);
});

test('garbage breaks payloads and framing', async () => {
  const client = await playing();
  const good = client.received.length;
  await camera.misbehave('lot', 'garbage');
  const framed = () => client.packets(good).reduce((sum, packet) => sum + packet.length + 4, 0);
  await until('the framing to break', () => client.received.length - good - framed() > 4000);
});

test('a client that does not read is dropped, and one beside it plays on', async () => {
  const lazy = new Client();
  await lazy.play('heavy');
  lazy.socket.pause();
  await until('the client to play', () => camera.viewers('heavy') === 1);
  const good = await playing();
  await until('the client to be dropped', () => camera.viewers('heavy') === 0);
  assert.equal(camera.viewers('lot'), 1);
  const before = good.packets().length;
  await until('more packets beside it', () => good.packets().length > before);
});

test('requests in the wrong order or of the wrong session get their RFC 2326 status', async () => {
  const client = new Client();
  assert.match(await client.ask('PLAY', 'lot'), /455/);
  assert.match(await client.ask('PLAY', 'lot', { Session: 'ABC' }), /454 Session Not Found/);
  assert.match(await client.ask('TEARDOWN', 'lot'), /454/);
  assert.match(await client.ask('PAUSE', 'lot'), /405/);
  assert.match(await client.ask('DANCE', 'lot'), /501/);
  assert.match(await client.ask('OPTIONS', 'lot', { Require: 'org.example' }), /551/);
  assert.match(await client.ask('SETUP', 'lot/trackID=1', { Transport: 'RTP/AVP;unicast' }), /461/);
});

test('a camera that changes goes on with another codec on the same connection, and describes it to new clients', async () => {
  const client = await playing();
  const before = client.received.length;
  await camera.misbehave('lot', 'change');
  // RFC 7798 1.1.4: the type of an H.265 NAL unit stands in bits 1 to 6 of its header. 32 is a VPS, which
  // begins a keyframe here.
  const typeOf = (packet: Buffer) => ((packet[12] ?? 0) >> 1) & 0x3f;
  await until('a VPS', () => client.packets(before).some((packet) => typeOf(packet) === 32));
  assert.ok(!client.ended && !client.socket.destroyed, 'the connection stays');
  assert.match(await describe(), /H265/);
  await camera.heal('lot');
  assert.match(await describe(), /H264/);
  await assert.rejects(camera.misbehave('heavy', 'change'), /no --alternate/);
});

/** The session description that a new client gets. */
async function describe(): Promise<string> {
  const client = new Client();
  await client.ask('DESCRIBE', 'lot');
  await until('the description', () => client.received.includes('a=control:trackID=1'));
  return client.received.toString('latin1');
}
