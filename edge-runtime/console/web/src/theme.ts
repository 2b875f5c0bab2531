import type { ThemeConfig } from 'antd';
import { theme } from 'antd';

/**
 * Ant Design's default blue on white is 4.10:1. These pass 4.5:1 (WCAG 2.1, 1.4.3) on both backgrounds, as
 * `test/contrast.test.ts` computes from the tokens Ant Design derives.
 */
const seeds = {
  light: {
    colorPrimary: '#0b4fb3',
    colorInfo: '#0b4fb3',
    colorLink: '#0b4fb3',
    colorError: '#b3151d',
    colorWarning: '#8a5300',
    colorSuccess: '#1d6b2f',
    colorTextSecondary: '#4a4a4a',
    colorTextTertiary: '#5c5c5c',
    colorTextPlaceholder: '#6b6b6b',
  },
  dark: {
    colorPrimary: '#2f7df0',
    // Ant Design lightens under the pointer: 3.14:1 for the label.
    colorPrimaryHover: '#2a63bd',
    colorInfo: '#2f7df0',
    colorLink: '#7db4ff',
    colorError: '#ff6b6b',
    colorWarning: '#ffb23e',
    colorSuccess: '#5fd07a',
    colorTextSecondary: '#c2c7cf',
    colorTextTertiary: '#a9afb8',
    colorTextPlaceholder: '#949aa3',
    colorBgBase: '#0c1017',
    colorBgLayout: '#0c1017',
    colorBgContainer: '#161c26',
    colorBgElevated: '#1c2330',
  },
} as const;

/** Fonts of the system only: nothing is fetched. */
const fontFamily =
  "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif";

export function consoleTheme(mode: 'light' | 'dark', largeText: boolean): ThemeConfig {
  return {
    algorithm: mode === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      ...seeds[mode],
      fontFamily,
      fontSize: largeText ? 19 : 16,
      controlHeight: largeText ? 46 : 40,
      borderRadius: 6,
      motion: false,
    },
    // A button that is not filled takes its text from the filled ones' ground under the pointer: 2.94:1 in
    // the dark.
    components: {
      Button: {
        defaultHoverColor: seeds[mode].colorLink,
        defaultHoverBorderColor: seeds[mode].colorLink,
        defaultActiveColor: seeds[mode].colorLink,
        defaultActiveBorderColor: seeds[mode].colorLink,
      },
    },
  };
}
