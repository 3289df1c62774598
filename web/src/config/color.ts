/**
 * Colors of LEDs on a screen. A color in a config is light: `808080` is half of the light. A screen
 * shows a value to the power of 2.2, so the swatch of `808080` is `bababa`.
 */

const GAMMA = 2.2;

export type Rgb = readonly [number, number, number];

/** Converts light, 0.0 to 1.0 each, to a CSS color. */
export function screenCss(light: Rgb): string {
  const part = (value: number) =>
    Math.round(255 * Math.min(1, Math.max(0, value)) ** (1 / GAMMA))
      .toString(16)
      .padStart(2, "0");
  return `#${light.map(part).join("")}`;
}

/** Converts the value of a color picker to six digits for a config. */
export function ledHex(css: string): string {
  const part = (at: number) => {
    const value = Number.parseInt(css.slice(at, at + 2), 16) / 255;
    return Math.round(255 * value ** GAMMA)
      .toString(16)
      .padStart(2, "0");
  };
  return part(1) + part(3) + part(5);
}

/** Returns the light of six or eight hexadecimal digits. */
export function hexLight(hex: string): Rgb {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  const white = hex.length === 8 ? part(6) : 0;
  return [part(0) + white, part(2) + 0.92 * white, part(4) + 0.78 * white];
}

/** Returns an approximate swatch of a color's text; `undefined` if it is not a color. */
export function swatch(text: string, names: ReadonlyMap<string, string>): string | undefined {
  const named = names.get(text.toLowerCase());
  const hex = named ?? text;
  if (/^([0-9a-f]{6}|[0-9a-f]{8})$/i.test(hex)) return screenCss(hexLight(hex));
  const levels = /^\(?\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*(,\s*[\d.]+\s*)?\)?$/.exec(text);
  if (levels) return screenCss([Number(levels[1]), Number(levels[2]), Number(levels[3])]);
  const call = /^(hsv|rgb|rgbw)\(([^)]*)\)$/i.exec(text);
  if (call) return callSwatch((call[1] ?? "").toLowerCase(), (call[2] ?? "").split(","));
  const kelvin = /^(\d{4,5})k$/i.exec(text);
  if (kelvin) return screenCss(blackBody(Number(kelvin[1])));
  return undefined;
}

function callSwatch(name: string, parts: string[]): string | undefined {
  const numbers = parts.map((it) => Number.parseFloat(it));
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = numbers;
  if ([a, b, c].some(Number.isNaN)) return undefined;
  if (name === "hsv") return screenCss(hsv(a, percent(parts[1], b), percent(parts[2], c)));
  const isPercent = parts[0]?.includes("%");
  const scale = isPercent ? 100 : 255;
  return screenCss([a / scale, b / scale, c / scale]);
}

function percent(text: string | undefined, value: number): number {
  return text?.includes("%") ? value / 100 : value;
}

function hsv(hue: number, saturation: number, value: number): Rgb {
  const part = (n: number) => {
    const k = (n + hue / 60) % 6;
    return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1));
  };
  return [part(5), part(3), part(1)];
}

/** Approximates the light of a black body; the core has the exact one. */
function blackBody(kelvin: number): Rgb {
  const t = kelvin / 100;
  const red = t <= 66 ? 255 : 329.7 * (t - 60) ** -0.1332;
  const green = t <= 66 ? 99.47 * Math.log(t) - 161.12 : 288.12 * (t - 60) ** -0.0755;
  const blue = t >= 66 ? 255 : t <= 19 ? 0 : 138.52 * Math.log(t - 10) - 305.04;
  const light = (value: number) => (Math.min(255, Math.max(0, value)) / 255) ** GAMMA;
  return [light(red), light(green), light(blue)];
}
