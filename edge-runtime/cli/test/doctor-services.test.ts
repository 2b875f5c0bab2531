import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  errorFault,
  faultBy,
  faultsNaming,
  type HealthFault,
  healthFault,
  runtimeForCli,
  type SensorState,
  type ServiceHealth,
  serviceHealth,
} from '@gatehouse/contracts';
import { englishIn, scratchFolder } from '@gatehouse/harness';
import { errorOf, healthLine, silentLog } from '@gatehouse/kit';
import { type Handlers, LocalApi } from '@gatehouse/local-api';
import { checkLine } from '../doctor/check.ts';
import { checkServices } from '../doctor/peers.ts';

type Routes = typeof runtimeForCli.routes;

/** The lines of doctor about a box whose services report this. */
async function linesOf(
  t: TestContext,
  services: Readonly<Record<string, ServiceHealth>>,
  sensors: readonly SensorState[] = [],
) {
  process.env.GATEHOUSE_RUN_DIR = scratchFolder(t);
  const none = () => [];
  const handlers: Partial<Handlers<Routes>> = {
    health: () => ({ services }),
    ...{ cameras: none, devices: none, sensors: () => [...sensors] },
  };
  const api = new LocalApi<Routes>({
    table: runtimeForCli,
    handlers: handlers as Handlers<Routes>,
    log: silentLog,
  });
  await api.start();
  t.after(() => api.stop());
  const inLanguage = async (language: 'en' | 'zh-CN') =>
    (await checkServices(language)).map((check) => checkLine(check, language));
  return { zh: await inLanguage('zh-CN'), en: await inLanguage('en') };
}

test('doctor tells what the services report in Chinese, with the file, the camera and how long', async (t) => {
  const file = `/srv/${'deep/'.repeat(60)}drivers.db`;
  const faults: HealthFault[] = [
    healthFault('people', 'JOURNAL_RECOVERED', {
      file: 'drivers.db',
      missing: 'cards',
      aside: 'd.corrupt-1',
    }),
    healthFault('people', 'JOURNAL_UNREADABLE', { count: 3, file }),
    ...faultsNaming('people', 'DEVICES_SILENT', ['gate', 'door']),
    faultBy('watch', 'FINDINGS_WAIT', errorOf('STORE_FULL', { file: '/var/events.db' }), { count: 2 }),
    errorFault('platform', errorOf('BROKER_LOGIN_REFUSED', { url: 'mqtts://p.example', reason: 'code 5' })),
    healthFault('platform', 'PICTURES_WAIT', { hours: 30 }),
  ];
  const what = "this box's certificate (uplink.tls.cert)";
  const { zh, en } = await linesOf(t, {
    runtime: serviceHealth(faults),
    sync: serviceHealth([], [healthLine('UPLINK_CERT_EXPIRES', { what, day: '2026-12-31', days: 29 })]),
    flows: serviceHealth([], [healthLine('INCIDENTS_DELIVERED', { count: 7 })]),
  });
  const text = zh.join('\n');
  assert.deepEqual(englishIn(text), []);
  assert.match(
    text,
    /故障 服务 runtime：JOURNAL_RECOVERED：drivers\.db 曾损坏.*丢失的有：卡。.*d\.corrupt-1/,
  );
  assert.match(text, /JOURNAL_UNREADABLE：\/srv\/deep\/.*… 中有记录无法读取，已 3 次被略过.*请检查磁盘。/);
  assert.match(text, /故障 服务 runtime：gate、door 没有应答：请检查电源、线路和地址。/);
  assert.match(text, /有 2 个发现在等待记录：STORE_FULL：\/var\/events\.db 没有空间了。/);
  assert.match(text, /BROKER_LOGIN_REFUSED：mqtts:\/\/p\.example/);
  assert.match(text, /有图片等待上传平台已有 30 小时/);
  assert.match(
    text,
    /注意 服务 sync：UPLINK_CERT_EXPIRES：本主机的证书（uplink\.tls\.cert） 将于 2026-12-31 到期，还有 29 天。/,
  );
  assert.match(text, /正常 服务 flows/);
  assert.match(en.join('\n'), /fail service runtime: A picture has waited for 30 h to go to the platform/);
});

test('doctor tells a sensor and a service that is well in Chinese', async (t) => {
  const sensor: SensorState = {
    id: 'shaft',
    name: { 'zh-CN': '竖井', en: 'Shaft' },
    comms: 'ok',
    pollS: 10,
    values: [
      {
        id: 'temperature',
        name: { 'zh-CN': '温度', en: 'Temperature' },
        value: 23.5,
        unit: '°C',
        state: 'normal',
      },
      {
        id: 'water',
        name: { 'zh-CN': '水浸', en: 'Water' },
        value: 0,
        unit: '',
        meaning: { name: { 'zh-CN': '干燥', en: 'Dry' }, alarm: false },
        state: 'normal',
      },
    ],
  };
  const { zh, en } = await linesOf(t, { runtime: serviceHealth([]) }, [sensor]);
  assert.deepEqual(zh, ['正常 服务 runtime：正常', '正常 传感器 shaft：温度 23.5 °C，水浸 干燥']);
  assert.deepEqual(en, ['ok   service runtime: ok', 'ok   sensor shaft: temperature 23.5 °C, water Dry']);
});
