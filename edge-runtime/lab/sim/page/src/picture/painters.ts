import type { Throws } from '../throws.ts';
import { type Painter, type Pen, weathered, worn } from './brushes.ts';
import { facadePainters } from './facades.ts';
import type { Layer } from './layers.ts';

function fill(pen: Pen, size: number, colour: string): void {
  pen.fillStyle = colour;
  pen.fillRect(0, 0, size, size);
}

function blocks(
  pen: Pen,
  t: Throws,
  size: number,
  { columns = 4, rows = 4, shift = 0, joint = 3, tones = ['#aaa'] },
): void {
  const [w, h] = [size / columns, size / rows];
  for (let j = 0; j < rows; j++)
    for (let i = -1; i < columns; i++) {
      pen.fillStyle = t.pick(tones);
      pen.fillRect(i * w + (j % 2) * shift * w + joint / 2, j * h + joint / 2, w - joint, h - joint);
    }
}

function blob(pen: Pen, x: number, y: number, r: number, inner: string, outer: string): void {
  const shade = pen.createRadialGradient(x, y, 0, x, y, r);
  shade.addColorStop(0, inner);
  shade.addColorStop(1, outer);
  pen.fillStyle = shade;
  pen.beginPath();
  pen.arc(x, y, r, 0, 7);
  pen.fill();
}

function foliage(pen: Pen, t: Throws, size: number, count: number, within: number): void {
  for (let i = 0; i < count; i++) {
    const [turn, away] = [t.uniform(0, 6.28), within * Math.sqrt(t.uniform(0, 1)) * size];
    const [x, y] = [size / 2 + away * Math.cos(turn), size / 2 + away * Math.sin(turn)];
    const g = t.uniform(70, 190);
    pen.fillStyle = `rgb(${g * t.uniform(0.5, 0.85)},${g},${g * t.uniform(0.25, 0.5)})`;
    pen.beginPath();
    pen.ellipse(x, y, t.uniform(0.02, 0.05) * size, t.uniform(0.01, 0.022) * size, t.uniform(0, 6.28), 0, 7);
    pen.fill();
  }
}

const surfaces = {
  asphalt(pen, t, size) {
    fill(pen, size, '#8e8e90');
    for (let i = 0; i < 9000; i++) {
      const v = t.uniform(60, 205);
      pen.fillStyle = `rgba(${v},${v},${v},0.5)`;
      pen.fillRect(t.uniform(0, size), t.uniform(0, size), t.uniform(1, 3), t.uniform(1, 3));
    }
    weathered(pen, t, size, { cells: 3, depth: 0.4, grain: 16 });
  },
  concrete(pen, t, size) {
    fill(pen, size, '#c3c0b8');
    weathered(pen, t, size, { cells: 4, depth: 0.3, grain: 9 });
    pen.fillStyle = 'rgba(70,66,60,0.75)';
    pen.fillRect(0, 0, size, 3);
    pen.fillRect(0, 0, 3, size);
  },
  paving(pen, t, size) {
    fill(pen, size, '#77736c');
    blocks(pen, t, size, {
      columns: 4,
      rows: 4,
      joint: 3,
      tones: ['#b9b5ac', '#aeaaa2', '#c2beb5', '#b0a79c'],
    });
    weathered(pen, t, size, { cells: 5, depth: 0.25, grain: 9 });
  },
  brick(pen, t, size) {
    fill(pen, size, '#6b5d55');
    blocks(pen, t, size, {
      columns: 8,
      rows: 16,
      shift: 0.5,
      joint: 3,
      tones: ['#a5705c', '#96665a', '#b07f69', '#8d7467', '#a58c80'],
    });
    weathered(pen, t, size, { cells: 4, depth: 0.25, grain: 9 });
  },
  grass(pen, t, size) {
    fill(pen, size, '#4e5f31');
    for (let i = 0; i < 16000; i++) {
      const g = t.uniform(60, 150);
      pen.fillStyle = `rgb(${g * t.uniform(0.65, 1)},${g},${g * t.uniform(0.35, 0.5)})`;
      pen.fillRect(t.uniform(0, size), t.uniform(0, size), 2, t.uniform(2, 7));
    }
    weathered(pen, t, size, { cells: 4, depth: 0.5, grain: 8 });
  },
  hedge(pen, t, size) {
    fill(pen, size, '#1f2d17');
    foliage(pen, t, size, 5200, 0.75);
    weathered(pen, t, size, { cells: 6, depth: 0.5, grain: 10 });
  },
  wall(pen, t, size) {
    fill(pen, size, '#c9c4b8');
    weathered(pen, t, size, { cells: 5, depth: 0.25, grain: 7 });
    const streaks = t.int(20, 30);
    for (let i = 0; i < streaks; i++) {
      pen.fillStyle = `rgba(70,66,58,${t.uniform(0.04, 0.13)})`;
      pen.fillRect(t.uniform(0, size), 0, t.uniform(3, 18), t.uniform(60, size * 0.7));
    }
    pen.fillStyle = 'rgba(80,78,72,0.5)';
    pen.fillRect(0, size - 60, size, 60);
  },
} satisfies Partial<Record<Layer, Painter>>;

const cutouts = {
  leaves(pen, t, size) {
    foliage(pen, t, size, 210, 0.46);
  },
  fence(pen, _t, size) {
    pen.fillStyle = '#fff';
    for (let x = 0; x < 8; x++) pen.fillRect((x * size) / 8 + 20, 0, 22, size);
    pen.fillRect(0, 30, size, 26);
    pen.fillRect(0, size - 70, size, 26);
  },
} satisfies Partial<Record<Layer, Painter>>;

const marks = {
  /** In the layer's upper eighth, as its letters are as wide as they are high. */
  fireText(pen, t, size) {
    pen.fillStyle = '#fff';
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.font = `bold ${size / 8.6}px "Noto Sans CJK SC", "Noto Sans SC", sans-serif`;
    pen.fillText('消防车道 禁止占用', size / 2, size / 16, size * 0.99);
    worn(pen, t, size, 0.6);
  },
  line(pen, t, size) {
    fill(pen, size, '#fff');
    worn(pen, t, size, 1.1);
  },
  blot(pen, t, size) {
    for (let i = 0; i < 26; i++)
      blob(
        pen,
        size * t.uniform(0.3, 0.7),
        size * t.uniform(0.3, 0.7),
        size * t.uniform(0.06, 0.27),
        'rgba(255,255,255,0.3)',
        'rgba(255,255,255,0)',
      );
  },
  crack(pen, t, size) {
    pen.strokeStyle = 'rgba(255,255,255,0.9)';
    for (let i = 0; i < 4; i++) {
      let [x, y] = [size * t.uniform(0.3, 0.7), size * t.uniform(0.3, 0.7)];
      let turn = t.uniform(0, 6.28);
      pen.lineWidth = t.uniform(2, 6);
      pen.beginPath();
      pen.moveTo(x, y);
      for (let step = 0; step < 22; step++) {
        turn += t.uniform(-0.6, 0.6);
        x += 11 * Math.cos(turn);
        y += 11 * Math.sin(turn);
        pen.lineTo(x, y);
      }
      pen.stroke();
    }
  },
  manhole(pen, _t, size) {
    pen.fillStyle = '#fff';
    pen.beginPath();
    pen.arc(size / 2, size / 2, size * 0.48, 0, 7);
    pen.fill();
    pen.strokeStyle = '#888';
    pen.lineWidth = 14;
    for (const r of [0.44, 0.3, 0.15]) {
      pen.beginPath();
      pen.arc(size / 2, size / 2, size * r, 0, 7);
      pen.stroke();
    }
  },
  arrow(pen, t, size) {
    pen.fillStyle = '#fff';
    pen.beginPath();
    const outline = [
      [0.04, 0.46],
      [0.62, 0.46],
      [0.62, 0.3],
      [0.98, 0.5],
      [0.62, 0.7],
      [0.62, 0.54],
      [0.04, 0.54],
    ] as const;
    for (const [x, y] of outline) pen.lineTo(x * size, y * size);
    pen.fill();
    worn(pen, t, size, 0.9);
  },
  /** The shade under anything that stands on the ground. */
  shade(pen, _t, size) {
    pen.filter = `blur(${size / 14}px)`;
    pen.fillStyle = '#fff';
    pen.fillRect(size * 0.17, size * 0.17, size * 0.66, size * 0.66);
    pen.filter = 'none';
  },
  sign(pen, _t, size) {
    fill(pen, size, '#f2f2f0');
    pen.strokeStyle = '#c01818';
    pen.lineWidth = size * 0.09;
    pen.fillStyle = '#1c4fa8';
    pen.beginPath();
    pen.arc(size / 2, size * 0.42, size * 0.3, 0, 7);
    pen.fill();
    pen.stroke();
    pen.beginPath();
    pen.moveTo(size * 0.3, size * 0.22);
    pen.lineTo(size * 0.7, size * 0.62);
    pen.stroke();
    pen.fillStyle = '#c01818';
    pen.textAlign = 'center';
    pen.font = `bold ${size / 7}px "Noto Sans CJK SC", sans-serif`;
    pen.fillText('禁止停车', size / 2, size * 0.93);
  },
} satisfies Partial<Record<Layer, Painter>>;

const white: Painter = (pen, _t, size) => fill(pen, size, '#fff');

export const painters: Readonly<Record<Layer, Painter>> = {
  white,
  ...surfaces,
  ...cutouts,
  ...marks,
  ...facadePainters,
};
