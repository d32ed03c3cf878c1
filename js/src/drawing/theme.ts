/** One visual language for every drawing: the four kinds by colour and shape, light and dark. */

export type Kind = 'data' | 'model' | 'training' | 'inference' | 'metadata';
export type Shape = 'circle' | 'diamond' | 'triangle' | 'square' | 'dot';

export const KINDS: readonly Kind[] = ['data', 'model', 'training', 'inference'];

/** Colours keep 3:1 against the background of their theme (checked in test/theme.test.ts). */
export const LIGHT: Record<Kind, string> = {
  data: '#1768c4', model: '#8a3ffc', training: '#c25400', inference: '#17803d', metadata: '#6b7280'
};
export const DARK: Record<Kind, string> = {
  data: '#63b0ff', model: '#c39bff', training: '#ff9b4a', inference: '#4fcf78', metadata: '#a3aab8'
};
export const SHAPES: Record<Kind, Shape> = {
  data: 'circle', model: 'diamond', training: 'triangle', inference: 'square', metadata: 'dot'
};

/** Colours of classes and of runs, in the order in which they are met; readable on photographs too. */
export const SERIES = [
  '#3b82f6', '#f97316', '#10b981', '#e11d48', '#a855f7', '#eab308', '#06b6d4', '#ec4899', '#84cc16', '#94a3b8'
];

export interface Palette {
  dark: boolean;
  kind: Record<Kind, string>;
  text: string;
  muted: string;
  surface: string;
  raised: string;
  line: string;
  accent: string;
  good: string;
  bad: string;
  font: string;
}

export function asKind(kind: string): Kind {
  return kind in LIGHT ? (kind as Kind) : 'metadata';
}

function luminance(colour: string): number {
  const m = /^#([0-9a-f]{6})$/i.exec(colour);
  const rgb = m
    ? [0, 2, 4].map(i => parseInt(m[1].slice(i, i + 2), 16))
    : (colour.match(/[\d.]+/g) ?? ['255', '255', '255']).slice(0, 3).map(Number);
  const [r, g, b] = rgb.map(v => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}

/** Whether the page around `el` is dark: JupyterLab and Voila say so; elsewhere the system does. */
export function isDark(el: Element): boolean {
  const said = document.body.dataset.jpThemeLight;
  if (said !== undefined) return said === 'false';
  if (document.body.classList.contains('theme-dark')) return true; // Voila
  if (document.body.classList.contains('theme-light')) return false;
  const bg = getComputedStyle(el).getPropertyValue('--jp-layout-color1').trim();
  if (/^#[0-9a-f]{6}$/i.test(bg)) return luminance(bg) < 0.3;
  return typeof matchMedia === 'function' && matchMedia('(prefers-color-scheme: dark)').matches;
}

export function palette(el: Element): Palette {
  const style = getComputedStyle(el);
  const read = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  const dark = isDark(el);
  return {
    dark,
    kind: dark ? DARK : LIGHT,
    text: read('--jp-ui-font-color1', dark ? '#e6e6e6' : '#1f2328'),
    muted: read('--jp-ui-font-color2', dark ? '#a3aab8' : '#5b6472'),
    surface: read('--jp-layout-color1', dark ? '#181a1f' : '#ffffff'),
    raised: read('--jp-layout-color2', dark ? '#24272e' : '#f2f4f7'),
    line: read('--jp-border-color1', dark ? '#4a4f5a' : '#c4c9d1'),
    accent: dark ? '#ffc658' : '#b45309',
    good: dark ? '#4fcf78' : '#17803d',
    bad: dark ? '#ff7b72' : '#c62828',
    font: read('--jp-ui-font-family', 'system-ui, sans-serif')
  };
}

/** Mark the root of a drawing with its theme (style.ts reads it) and give the colours for canvases. */
export function dress(root: HTMLElement): Palette {
  const colours = palette(root);
  root.dataset.theme = colours.dark ? 'dark' : 'light';
  return colours;
}

/** Call `changed` whenever the theme changes; returns how to stop listening. */
export function watchTheme(changed: () => void): () => void {
  const seen = new MutationObserver(changed);
  seen.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name'] });
  const query = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;
  query?.addEventListener?.('change', changed);
  return () => {
    seen.disconnect();
    query?.removeEventListener?.('change', changed);
  };
}

/** The outline of a kind's shape around (x, y); the caller fills or strokes it. */
export function shapePath(ctx: CanvasRenderingContext2D, shape: Shape, x: number, y: number, r: number): void {
  if (shape === 'circle' || shape === 'dot') {
    const q = shape === 'dot' ? r * 0.6 : r;
    ctx.moveTo(x + q, y);
    ctx.arc(x, y, q, 0, Math.PI * 2);
    return;
  }
  const corners: [number, number][] =
    shape === 'diamond' ? [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]]
      : shape === 'triangle' ? [[0, -1.15], [1.1, 0.85], [-1.1, 0.85]]
        : [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]];
  corners.forEach(([dx, dy], i) => (i ? ctx.lineTo(x + dx * r, y + dy * r) : ctx.moveTo(x + dx * r, y + dy * r)));
  ctx.closePath();
}

/** The same shapes as an SVG path in a box of 16 x 16, for lists and legends. */
export const SHAPE_SVG: Record<Shape, string> = {
  circle: 'M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12z',
  diamond: 'M8 1l7 7l-7 7l-7-7z',
  triangle: 'M8 1.5l7 12.5h-14z',
  square: 'M2.5 2.5h11v11h-11z',
  dot: 'M8 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6z'
};
