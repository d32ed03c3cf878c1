import { defineConfig } from 'vitest/config';
export default defineConfig({
  test: {
    environment: 'jsdom',
    server: { deps: { inline: [/@jupyter/, /@lumino/, /@microsoft/, /@rjsf/] } },
    setupFiles: ['test/setup.ts'],
    include: ['test/**/*.test.ts']
  }
});
