import type { Throws } from '../throws.ts';
import { type Painter, type Pen, weathered } from './brushes.ts';

/**
 * Facade layers show two bays by two floors, 6.4 by 6 m, and are tinted by the building's colour; panes have
 * alpha 0.2.
 */
interface Opening {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function pane(pen: Pen, t: Throws, size: number, { x, y, w, h }: Opening, frames: number): void {
  const [px, py, pw, ph] = [x * size, y * size, w * size, h * size];
  pen.fillStyle = '#e8e8e6';
  pen.fillRect(px - 5, py - 5, pw + 10, ph + 10);
  pen.clearRect(px, py, pw, ph);
  const v = t.uniform(45, 90);
  pen.fillStyle = `rgba(${v},${v + 8},${v + 14},0.2)`;
  pen.fillRect(px, py, pw, ph);
  if (t.chance(0.5)) {
    pen.clearRect(px, py, pw * 0.35, ph);
    pen.fillStyle = 'rgba(190,180,165,0.2)';
    pen.fillRect(px, py, pw * 0.35, ph);
  }
  pen.fillStyle = '#d9d9d6';
  for (let i = 1; i < frames; i++) pen.fillRect(px + (pw * i) / frames - 3, py, 6, ph);
  pen.fillStyle = 'rgba(40,38,34,0.5)';
  pen.fillRect(px - 5, py + ph + 5, pw + 10, 5);
}

function aircon(pen: Pen, size: number, x: number, y: number): void {
  pen.fillStyle = '#efefea';
  pen.fillRect(x * size, y * size, 52, 34);
  pen.fillStyle = '#9a9a98';
  pen.beginPath();
  pen.arc(x * size + 19, y * size + 17, 13, 0, 7);
  pen.fill();
  pen.fillStyle = 'rgba(50,48,44,0.45)';
  pen.fillRect(x * size, y * size + 34, 52, 6);
}

function tiles(pen: Pen, size: number, colour: string, joint: string, w: number, h: number): void {
  pen.fillStyle = colour;
  pen.fillRect(0, 0, size, size);
  pen.fillStyle = joint;
  for (let y = 0; y < size; y += h) pen.fillRect(0, y, size, 1);
  for (let x = 0; x < size; x += w) pen.fillRect(x, 0, 1, size);
}

const quarters = [
  [0, 0],
  [0.5, 0],
  [0, 0.5],
  [0.5, 0.5],
] as const;

export const facadePainters = {
  plainFacade(pen, t, size) {
    tiles(pen, size, '#dcd8d0', 'rgba(90,84,76,0.28)', 10, 10);
    weathered(pen, t, size, { cells: 3, depth: 0.14, grain: 5 });
    for (const [x, y] of quarters) {
      pane(pen, t, size, { x: x + 0.12, y: y + 0.12, w: 0.24, h: 0.25 }, 2);
      if (t.chance(0.8)) aircon(pen, size, x + 0.385, y + 0.3);
    }
  },
  balconies(pen, t, size) {
    tiles(pen, size, '#d6d2ca', 'rgba(90,84,76,0.2)', 16, 8);
    weathered(pen, t, size, { cells: 3, depth: 0.14, grain: 5 });
    for (const [x, y] of quarters) {
      pen.fillStyle = 'rgba(60,58,54,0.85)';
      pen.fillRect((x + 0.04) * size, (y + 0.06) * size, 0.42 * size, 0.28 * size);
      pane(pen, t, size, { x: x + 0.06, y: y + 0.08, w: 0.38, h: 0.25 }, 4);
      pen.fillStyle = '#f0eee8';
      pen.fillRect((x + 0.03) * size, (y + 0.34) * size, 0.44 * size, 0.1 * size);
      pen.fillStyle = 'rgba(40,38,36,0.4)';
      pen.fillRect((x + 0.03) * size, (y + 0.44) * size, 0.44 * size, 7);
    }
  },
  ribbons(pen, t, size) {
    tiles(pen, size, '#cfcfce', 'rgba(80,80,80,0.3)', 64, 32);
    weathered(pen, t, size, { cells: 2, depth: 0.1, grain: 4 });
    for (const [x, y] of quarters) pane(pen, t, size, { x: x + 0.01, y: y + 0.13, w: 0.48, h: 0.26 }, 4);
  },
  oldFacade(pen, t, size) {
    pen.fillStyle = '#c4b7a4';
    pen.fillRect(0, 0, size, size);
    weathered(pen, t, size, { cells: 3, depth: 0.3, grain: 8 });
    for (const [x, y] of quarters) {
      pane(pen, t, size, { x: x + 0.08, y: y + 0.13, w: 0.18, h: 0.22 }, 3);
      pane(pen, t, size, { x: x + 0.33, y: y + 0.15, w: 0.1, h: 0.17 }, 1);
      pen.strokeStyle = 'rgba(215,215,210,0.9)';
      pen.lineWidth = 3;
      for (let i = 0; i <= 8; i++) {
        pen.beginPath();
        pen.moveTo((x + 0.07 + i * 0.025) * size, (y + 0.12) * size);
        pen.lineTo((x + 0.07 + i * 0.025) * size, (y + 0.36) * size);
        pen.stroke();
      }
      aircon(pen, size, x + 0.3, y + 0.36);
      pen.fillStyle = 'rgba(80,70,60,0.16)';
      pen.fillRect((x + 0.07) * size, (y + 0.38) * size, 0.2 * size, 0.12 * size);
    }
  },
  shops(pen, t, size) {
    pen.fillStyle = '#8d8a85';
    pen.fillRect(0, 0, size, size);
    weathered(pen, t, size, { cells: 4, depth: 0.2, grain: 6 });
    for (const [x, y] of quarters) {
      const hue = t.int(0, 360);
      pen.fillStyle = `hsl(${hue} 60% 42%)`;
      pen.fillRect((x + 0.01) * size, (y + 0.03) * size, 0.48 * size, 0.12 * size);
      pen.fillStyle = '#f5f0e0';
      for (let i = 0; i < 4; i++)
        pen.fillRect((x + 0.09 + i * 0.09) * size, (y + 0.055) * size, 0.055 * size, 0.07 * size);
      pane(pen, t, size, { x: x + 0.03, y: y + 0.19, w: 0.43, h: 0.29 }, 3);
    }
  },
} satisfies Readonly<Record<string, Painter>>;
