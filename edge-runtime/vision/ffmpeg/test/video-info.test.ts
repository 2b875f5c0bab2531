import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseVideoInfo } from '../video-info.ts';

const line =
  '  Stream #0:0[0x100]: Video: h264 (High) ([27][0][0][0] / 0x001B), yuv420p(tv), 1920x1080 [SAR 1:1 DAR 16:9], 25 fps';

test("codec and size are read from ffmpeg's own line", () => {
  assert.deepEqual(parseVideoInfo(line), { codec: 'h264', width: 1920, height: 1080 });
  assert.deepEqual(parseVideoInfo('  Stream #0:0(und): Video: hevc (Main), yuv420p, 2560x1440, 20 fps'), {
    codec: 'hevc',
    width: 2560,
    height: 1440,
  });
});

test('a size that a camera writes into its session name is not believed', () => {
  // The SDP's "s=" comes out as the service name of the transport stream (ffmpeg 5.1, mpegtsenc).
  assert.equal(parseVideoInfo(`      service_name    : ${line.trim()}`), undefined);
  assert.equal(parseVideoInfo(`    title           : ${line.trim()}`), undefined);
});

test('a size of any length is read: a frame must not wait for ever for the size that belongs to it', () => {
  assert.equal(parseVideoInfo(line.replace('1920x1080', '100000x16'))?.width, 100_000);
});
