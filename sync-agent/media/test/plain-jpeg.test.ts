import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { noisyJpeg } from '../../test/support/media.ts';
import { plainJpegFault } from '../plain-jpeg.ts';

const picture = () => sharp({ create: { width: 64, height: 48, channels: 3, background: '#446688' } });

test('what the encoder makes of bare pixels is plain, baseline or progressive', async () => {
  assert.equal(plainJpegFault(await picture().jpeg().toBuffer()), undefined);
  assert.equal(plainJpegFault(await picture().jpeg({ progressive: true }).toBuffer()), undefined);
  assert.equal(plainJpegFault(await noisyJpeg()), undefined);
});

test('EXIF, a colour profile, a comment, a thumbnail, a tail, a cut and another format are seen', async () => {
  const plain = await picture().jpeg().toBuffer();
  const exif = await picture()
    .withExif({ IFD0: { Copyright: 'x' } })
    .jpeg()
    .toBuffer();
  const icc = await picture().withIccProfile('p3').jpeg().toBuffer();
  const segment = (marker: number, content: Buffer) => {
    const head = Buffer.from([0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 0xff]);
    return Buffer.concat([plain.subarray(0, 2), head, content, plain.subarray(2)]);
  };
  const thumbnail = Buffer.from('JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01rgb', 'latin1');
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [exif, /segment e1/],
    [icc, /segment e2/],
    [segment(0xfe, Buffer.from('gate of compound 7')), /segment fe/],
    [segment(0xe0, thumbnail), /thumbnail/],
    [Buffer.concat([plain, Buffer.from('face')]), /behind its end/],
    [Buffer.concat([plain, plain]), /behind its end/],
    [plain.subarray(0, plain.length - 2), /no end/],
    [plain.subarray(0, 30), /cut segment/],
    [await picture().png().toBuffer(), /no JPEG/],
    [Buffer.alloc(0), /no JPEG/],
  ];
  for (const [bytes, fault] of cases) assert.match(plainJpegFault(bytes) ?? 'plain', fault);
});

test('no bytes, however broken, make it fail or loop', async () => {
  const plain = await noisyJpeg(1, 64);
  const broken = fc.array(fc.tuple(fc.nat(plain.length - 1), fc.nat(255)), { maxLength: 12 }).map((edits) => {
    const bytes = Buffer.from(plain);
    for (const [at, value] of edits) bytes[at] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), broken), (bytes) => {
      const fault = plainJpegFault(bytes);
      assert.ok(fault === undefined || typeof fault === 'string');
    }),
    { seed: 9, numRuns: 500 },
  );
});
