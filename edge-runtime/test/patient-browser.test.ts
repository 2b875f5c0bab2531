import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@gatehouse/harness';
import { launchBrowser, patientContext } from './support/patient-browser.ts';

test('a page whose policy forbids eval is looked at again until it is as it should be', async (t) => {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await (await patientContext(browser)).newPage();
  await page.route('http://box.test/', (route) =>
    route.fulfill({
      headers: { 'content-type': 'text/html', 'content-security-policy': "script-src 'self'" },
      body: '<h1>box</h1>',
    }),
  );
  await page.goto('http://box.test/');
  // Later than the call of the debugger, which the policy does not bind.
  const refused = await page.evaluate(
    `new Promise((tell) => setTimeout(() => { try { tell(eval('1')); } catch (error) { tell(error.name); } }))`,
  );
  assert.equal(refused, 'EvalError', 'the policy is in force');
  let looks = 0;
  await until('the third look', async () => {
    looks += 1;
    return (await page.evaluate((look) => look, looks)) === 3;
  });
  assert.equal(looks, 3);
});
