import { createRequire } from "node:module";
import type * as QRCodes from "qrcode";

const load = createRequire(__filename);

/** Loaded for the first code that is shown: it brings a PNG library, a tenth of what importing this package takes. */
const qrcode = () => load("qrcode") as typeof QRCodes;

/** Modules of white around the code, as ISO/IEC 18004 asks; without them many cameras find nothing. */
const quietZone = 4;

/** Error correction M mends 15 %: a smudge or a glare, without making the modules too small for a weak camera. */
const options = { errorCorrectionLevel: "M", margin: quietZone } as const;

/** One `h` for each run of dark modules, so that the picture has no seams between them. */
function path({ modules }: QRCodes.QRCode): string {
  const { size } = modules;
  let commands = "";
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const start = column;
      while (column < size && modules.get(row, column)) column++;
      const length = column - start;
      if (length > 0) commands += `M${start + quietZone} ${row + quietZone}h${length}v1h-${length}z`;
    }
  }
  return commands;
}

/** Pixels a module: with these and no stylesheet a phone reads it from the screen, and it fits the narrowest. */
const modulePixels = 4;

/**
 * The code as `<svg>` for the middle of a page: no inline style and no script, so any CSP lets it be. It has a size of its
 * own, since a host's layout may come without our stylesheet, which sizes it otherwise. Black on white whatever the colours of the page. Its label belongs to the element around it.
 */
export async function qrCodeSvg(text: string): Promise<string> {
  const code = qrcode().create(text, options);
  const side = code.modules.size + 2 * quietZone;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side * modulePixels}" height="${side * modulePixels}" ` +
    `viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges" ` +
    `aria-hidden="true" focusable="false"><path fill="#fff" d="M0 0h${side}v${side}H0z"/>` +
    `<path fill="#000" d="${path(code)}"/></svg>`
  );
}

/** The code as a PNG in a `data:` URL, for a front end's `<img src>`. */
export function qrCodePngDataUrl(text: string): Promise<string> {
  return qrcode().toDataURL(text, { ...options, type: "image/png", scale: 6 });
}
