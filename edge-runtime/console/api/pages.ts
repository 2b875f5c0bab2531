import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { consolePages } from '@gatehouse/contracts/console';
import { errorOf } from '@gatehouse/kit';
import type { Express } from 'express';
import express from 'express';

/**
 * Serves the built pages: each page of the registry is `index.html`, whose script reads the path. File names
 * under `assets/` carry a hash of their content and never change.
 */
export function servePages(app: Express, dir: string): void {
  app.use('/assets', express.static(join(dir, 'assets'), { immutable: true, maxAge: '365d', index: false }));
  for (const { path } of Object.values(consolePages))
    app.get(path, (_request, response, next) => {
      const page = join(dir, 'index.html');
      if (!existsSync(page)) return next(errorOf('NOT_FOUND/pages'));
      response.set('cache-control', 'no-cache');
      response.sendFile(page);
    });
  app.use(express.static(dir, { index: false, maxAge: '1h' }));
}
