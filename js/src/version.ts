/** Kept equal to package.json and to veml_lab.panel.PROTOCOL (test/version.test.ts, tests/test_panel.py). */
export const VERSION = '0.1.0';
export const PROTOCOL = 2;
