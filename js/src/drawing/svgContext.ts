/**
 * The part of a canvas that graphPaint.ts draws on, written down as SVG: the exported picture is the one on the screen.
 */
export class SvgContext {
  fillStyle = '#000';
  strokeStyle = '#000';
  lineWidth = 1;
  globalAlpha = 1;
  font = '12px sans-serif';
  textAlign = 'left';
  textBaseline = 'alphabetic';
  lineJoin = 'miter';

  constructor(readonly width: number, readonly height: number, private readonly measure: CanvasRenderingContext2D | null) {}

  setLineDash(dash: number[]): void { this.dash = dash.join(' '); }
  setTransform(): void { /* the picture has a scale of its own */ }
  clearRect(): void { /* nothing is there yet */ }
  beginPath(): void { this.path = []; }
  moveTo(x: number, y: number): void { this.path.push(`M${r(x)} ${r(y)}`); }
  lineTo(x: number, y: number): void { this.path.push(`L${r(x)} ${r(y)}`); }
  closePath(): void { this.path.push('Z'); }
  bezierCurveTo(a: number, b: number, c: number, d: number, x: number, y: number): void { this.path.push(`C${r(a)} ${r(b)} ${r(c)} ${r(d)} ${r(x)} ${r(y)}`); }
  quadraticCurveTo(a: number, b: number, x: number, y: number): void { this.path.push(`Q${r(a)} ${r(b)} ${r(x)} ${r(y)}`); }

  /** Whole circles only, which is all that is drawn. */
  arc(x: number, y: number, q: number): void {
    this.path.push(`M${r(x + q)} ${r(y)}A${r(q)} ${r(q)} 0 1 1 ${r(x - q)} ${r(y)}A${r(q)} ${r(q)} 0 1 1 ${r(x + q)} ${r(y)}`);
  }

  roundRect(x: number, y: number, w: number, h: number, q: number): void {
    const c = Math.min(q, w / 2, h / 2);
    this.path.push(`M${r(x + c)} ${r(y)}H${r(x + w - c)}Q${r(x + w)} ${r(y)} ${r(x + w)} ${r(y + c)}V${r(y + h - c)}Q${r(x + w)} ${r(y + h)} ${r(x + w - c)} ${r(y + h)}H${r(x + c)}Q${r(x)} ${r(y + h)} ${r(x)} ${r(y + h - c)}V${r(y + c)}Q${r(x)} ${r(y)} ${r(x + c)} ${r(y)}Z`);
  }

  fill(): void { this.shape(`fill="${this.fillStyle}"${this.alpha('fill-opacity')}`); }

  stroke(): void {
    this.shape(`fill="none" stroke="${this.strokeStyle}" stroke-width="${r(this.lineWidth)}"${this.alpha('stroke-opacity')}${this.dash ? ` stroke-dasharray="${this.dash}"` : ''}`);
  }

  measureText(text: string): { width: number } {
    if (!this.measure) return { width: text.length * 6.5 };
    this.measure.font = this.font;
    return this.measure.measureText(text);
  }

  fillText(text: string, x: number, y: number): void { this.text(text, x, y, `fill="${this.fillStyle}"${this.alpha('fill-opacity')}`); }
  strokeText(text: string, x: number, y: number): void { this.text(text, x, y, `fill="none" stroke="${this.strokeStyle}" stroke-width="${r(this.lineWidth)}" stroke-linejoin="round"`); }

  toString(background: string): string {
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${r(this.width)} ${r(this.height)}" width="${r(this.width)}" height="${r(this.height)}"><rect width="100%" height="100%" fill="${background}"/>${this.out.join('')}</svg>`;
  }

  private shape(how: string): void {
    if (this.path.length) this.out.push(`<path d="${this.path.join('')}" ${how}/>`);
  }

  private text(text: string, x: number, y: number, how: string): void {
    const [, weight, size, family] = /^(?:(\d+|bold) )?([\d.]+)px (.*)$/.exec(this.font.trim()) ?? [, '', '12', 'sans-serif'];
    const anchor = this.textAlign === 'center' ? ' text-anchor="middle"' : '';
    const middle = this.textBaseline === 'middle' ? ' dominant-baseline="central"' : '';
    this.out.push(`<text x="${r(x)}" y="${r(y)}" font-size="${size}"${weight ? ` font-weight="${weight}"` : ''} font-family="${escaped(family ?? '')}"${anchor}${middle} ${how}>${escaped(text)}</text>`);
  }

  private alpha(name: string): string { return this.globalAlpha < 1 ? ` ${name}="${r(this.globalAlpha)}"` : ''; }

  private path: string[] = [];
  private dash = '';
  private readonly out: string[] = [];
}

const r = (v: number) => Number(v.toFixed(2));
// eslint-disable-next-line no-control-regex -- a name may hold them, a picture not
const escaped = (text: string) => text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
