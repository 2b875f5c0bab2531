import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorOf } from '@gatehouse/kit';
import type { Express } from 'express';
import express from 'express';

/** Pages of the single-page application; every one is `index.html`, the script reads the path. */
const pagePaths = ['/', '/users', '/doors', '/cameras', '/analytics', '/flows'] as const;

/** Serves the built pages. File names under `assets/` carry a hash of their content and never change. */
export function servePages(app: Express, dir: string): void {
  app.use('/assets', express.static(join(dir, 'assets'), { immutable: true, maxAge: '365d', index: false }));
  for (const path of pagePaths)
    app.get(path, (_request, response, next) => {
      const page = join(dir, 'index.html');
      if (!existsSync(page)) return next(errorOf('NOT_FOUND/pages'));
      response.set('cache-control', 'no-cache');
      response.sendFile(page);
    });
  app.use(express.static(dir, { index: false, maxAge: '1h' }));
}
