import { defineConfig } from 'vitest/config';
export default defineConfig({
  test: {
    environment: 'jsdom',
    server: { deps: { inline: [/@jupyter/, /@lumino/, /@microsoft/, /@rjsf/] } },
    setupFiles: ['test/setup.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 300_000, // only what hangs comes to it
    hookTimeout: 300_000
  }
});
