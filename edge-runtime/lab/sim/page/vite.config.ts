import { defineConfig } from 'vite';

/** The page is served by the renderer to its own Chromium; nothing comes from anywhere else. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
    reportCompressedSize: false,
  },
});
