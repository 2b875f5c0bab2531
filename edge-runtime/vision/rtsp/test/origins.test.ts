import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { namesCamera, placeOf } from '../camera-source.ts';
import { hostPortOf, Origins } from '../origins.ts';

const local = 'rtsp://127.0.0.1:40000/token';

test('every address of the camera is restored exactly', () => {
  const origins = new Origins(local, () => true);
  const path = fc.oneof(fc.constant(''), fc.stringMatching(/^[/?#][!-~]{0,40}$/));
  const origin = fc.constantFrom(
    'rtsp://cam',
    'RTSP://Cam:554',
    'rtsps://[2001:db8::7]:322',
    'rtsp://192.0.2.7:8554',
  );
  fc.assert(
    fc.property(origin, path, (place, rest) => {
      const address = origins.toLocal(`${place}${rest}`) ?? '';
      assert.ok(address.startsWith(`${local}/`), address);
      assert.equal(origins.toCamera(address), `${place}${rest}`);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('foreign addresses are translated in neither direction', () => {
  const origins = new Origins(local, (origin) => origin === 'rtsp://cam');
  assert.equal(origins.toLocal('rtsp://other/1'), undefined);
  assert.equal(origins.toLocal('trackID=1'), undefined);
  origins.toLocal('rtsp://cam/1');
  for (const foreign of [
    'rtsp://cam/1',
    `${local}/1/x`,
    `${local}x/0/1`,
    `${local}/x`,
    `${local}`,
    `${local}/00000009`,
  ])
    assert.equal(origins.toCamera(foreign), undefined, foreign);
});

test('the list of origins is bounded', () => {
  const origins = new Origins(local, () => true);
  const given = Array.from({ length: 100 }, (_, i) => origins.toLocal(`rtsp://cam${i}/`));
  assert.equal(given.filter((address) => address !== undefined).length, 16);
});

const names: readonly (readonly [why: string, named: string, isCamera: boolean])[] = [
  ['the same', 'rtsp://cam.lan:8554', true],
  ['in another case', 'RTSP://CAM.LAN:8554', true],
  ['without its port', 'rtsp://cam.lan', true],
  ['another port', 'rtsp://cam.lan:554', false],
  ['the address that its name turned out to be', 'rtsp://192.0.2.7:8554', true],
  ['the same address as IPv6 writes it', 'rtsp://192.0.2.7', true],
  ['another host', 'rtsp://192.0.2.8:8554', false],
  ['another host before an @', 'rtsp://cam.lan@192.0.2.8:8554', false],
  ['a name that the site file allows', 'rtsp://10.0.0.5:99', true],
  ['a name with its port that the site file allows', 'rtsp://10.0.0.6:554', true],
  ['that name with another port', 'rtsp://10.0.0.6:555', false],
  ['another protocol', 'http://cam.lan:8554', false],
  ['TLS at the same place', 'rtsps://cam.lan:8554', true],
  ['a longer name', 'rtsp://cam.lan.example:8554', false],
];
for (const [why, named, isCamera] of names)
  test(`${why} ${isCamera ? 'is' : 'is not'} the camera`, () => {
    const source = { url: 'rtsp://cam.lan:8554/1', alsoKnownAs: ['10.0.0.5', '10.0.0.6:554'] };
    assert.equal(namesCamera(source, named, '::ffff:192.0.2.7'), isCamera);
  });

test('the default port may be written or not, and IPv6 addresses work', () => {
  assert.deepEqual(placeOf({ url: 'rtsp://[2001:DB8::7]/x' }), { host: '2001:db8::7', port: 554 });
  assert.deepEqual(placeOf({ url: 'rtsps://cam?x' }), { host: 'cam', port: 322 });
  assert.ok(namesCamera({ url: 'rtsp://cam/axis-media/media.amp' }, 'rtsp://cam:554', undefined));
  assert.ok(namesCamera({ url: 'rtsp://[2001:db8::7]/x' }, 'rtsp://[2001:DB8::7]:554', undefined));
  fc.assert(fc.property(fc.string(), (text) => typeof hostPortOf(text).host === 'string'));
});
