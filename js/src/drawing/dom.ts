/** A few words for building elements without a library. */

type Attributes = Record<string, string | number | boolean | undefined>;

function fill(el: Element, attributes: Attributes, children: (Node | string)[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    el.setAttribute(name, value === true ? '' : String(value));
  }
  el.append(...children);
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag);
  fill(el, attributes, children);
  return el;
}

export function s<K extends keyof SVGElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
  fill(el, attributes, children);
  return el;
}

export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(digits - 1);
  return Number.isInteger(value) ? String(value) : value.toPrecision(digits);
}

/** What a JSON value looks like in a details card. */
export function readable(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? value.toLocaleString('en-US') : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5 ? String(Number(value.toPrecision(4))) : number(value, 3);
  if (Array.isArray(value)) return value.length ? value.map(readable).join(', ') : '–';
  if (typeof value === 'object') {
    return Object.entries(value as object).map(([k, v]) => `${k}: ${readable(v)}`).join(', ');
  }
  return String(value);
}

/** JPEG bytes, as they come over a comm, to an address for <img>. */
function pictureUrl(bytes: DataView | ArrayBuffer | Uint8Array): string {
  const part = bytes instanceof DataView ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
  return URL.createObjectURL(new Blob([part as BlobPart], { type: 'image/jpeg' }));
}

/** Pictures that a view shows. An address lives until its picture has been read: a view may be drawn anew before that. */
export class Pictures {
  private shown: HTMLImageElement[] = [];
  image(bytes: DataView | ArrayBuffer | Uint8Array, alt: string): HTMLImageElement {
    const image = h('img', { src: pictureUrl(bytes), alt });
    this.shown.push(image);
    return image;
  }
  /** Let the ones shown so far go. */
  release(): void {
    for (const image of this.shown) {
      const go = () => URL.revokeObjectURL(image.src);
      if (image.complete) go();
      else for (const end of ['load', 'error']) image.addEventListener(end, go, { once: true });
    }
    this.shown = [];
  }
}
