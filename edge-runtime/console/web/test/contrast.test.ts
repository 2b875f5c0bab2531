import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { theme } from 'antd';
import { consoleTheme } from '../src/theme.ts';

type Rgba = readonly [r: number, g: number, b: number, a: number];

function parseColour(text: string): Rgba {
  const long = text.trim().replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3');
  const hex = /^#([0-9a-f]{6})$/i.exec(long)?.[1];
  if (hex) return [0, 2, 4].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)).concat(1) as unknown as Rgba;
  const parts = /^rgba?\(([^)]+)\)$/.exec(text.trim())?.[1]?.split(',').map(Number);
  assert.ok(parts && parts.length >= 3, `not a colour: ${text}`);
  return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0, parts[3] ?? 1];
}

/** WCAG 2.1 relative luminance. */
function luminance([r, g, b]: Rgba): number {
  const [lr, lg, lb] = [r, g, b].map((value) => {
    const s = value / 255;
    return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (lr ?? 0) + 0.7152 * (lg ?? 0) + 0.0722 * (lb ?? 0);
}

/** WCAG 2.1 contrast ratio of a text, see-through or not, on an opaque ground. */
function contrast(text: string, ground: string): number {
  const [top, under] = [parseColour(text), parseColour(ground)];
  const mix = (i: 0 | 1 | 2) => top[i] * top[3] + under[i] * (1 - top[3]);
  const [a, b] = [luminance([mix(0), mix(1), mix(2), 1]), luminance(under)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function passes(pairs: Record<string, readonly [text: string, ground: string]>): void {
  const failing = Object.entries(pairs)
    .map(([name, [text, ground]]) => [name, contrast(text, ground)] as const)
    .filter(([, ratio]) => ratio < 4.5)
    .map(([name, ratio]) => `${name} ${ratio.toFixed(2)}:1`);
  assert.deepEqual(failing, []);
}

describe('every text stands out at 4.5:1 or more', () => {
  it('by a measure that knows black on white and the blue that fails', () => {
    assert.equal(contrast('#000000', '#ffffff'), 21);
    assert.ok(contrast('#1677ff', '#ffffff') < 4.5);
  });

  for (const mode of ['light', 'dark'] as const) {
    it(`in Ant Design's parts, ${mode}`, () => {
      const { components, ...general } = consoleTheme(mode, false);
      const token = theme.getDesignToken(general);
      const button = components?.Button;
      const ground = token.colorBgContainer;
      passes({
        text: [token.colorText, ground],
        'text on the page': [token.colorText, token.colorBgLayout],
        'secondary text': [token.colorTextSecondary, ground],
        'text in pop-ups': [token.colorText, token.colorBgElevated],
        description: [token.colorTextDescription, ground],
        placeholder: [token.colorTextPlaceholder, ground],
        link: [token.colorLink, ground],
        'error text': [token.colorErrorText, ground],
        error: [token.colorError, ground],
        'label of any other button under the pointer': [button?.defaultHoverColor ?? '', ground],
        'label of any other button pressed': [button?.defaultActiveColor ?? '', ground],
        'label of a primary button': [token.colorTextLightSolid, token.colorPrimary],
        'label of a primary button pressed': [token.colorTextLightSolid, token.colorPrimaryActive],
        'label of a primary button under the pointer': [token.colorTextLightSolid, token.colorPrimaryHover],
      });
    });

    it(`in the console's own styles, ${mode}`, () => {
      const css = readFileSync(join(import.meta.dirname, '../src/styles.css'), 'utf8');
      const block = new RegExp(`data-theme="${mode}"\\] \\{([^}]+)\\}`).exec(css)?.[1] ?? '';
      const found = new Map(
        [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map((m): [string, string] => [
          m[1] ?? '',
          m[2] ?? '',
        ]),
      );
      const of = (name: string) => found.get(name) ?? assert.fail(`no --${name} in ${mode}`);
      const pairs: Record<string, readonly [string, string]> = {};
      for (const tone of ['text', 'quiet', 'error', 'warning', 'success'])
        for (const ground of ['bg', 'panel', 'alarm-bg', 'unknown-bg'])
          pairs[`${tone} on ${ground}`] = [of(tone), of(ground)];
      pairs['unknown on its ground'] = [of('unknown'), of('unknown-bg')];
      pairs['white on the lost banner'] = ['#ffffff', '#a3121a'];
      assert.ok(css.includes('background: #a3121a'), 'the lost banner still has the colour judged here');
      passes(pairs);
    });
  }
});
