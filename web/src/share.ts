/**
 * A config in the fragment of the address, which browsers do not send to the server: `#1.` and the
 * deflated JSON in base64 for URLs.
 */

export interface Shared {
  text: string;
  /** The places of strips in the scene, by the name of the strip. */
  places?: Record<string, string>;
}

const PREFIX = "#1.";
/** Longer addresses are cut by some programs. */
export const MAX_LINK = 16_000;
/** A small fragment must not become a large config. */
const MAX_TEXT = 262_144;

export class ShareError extends Error {}

/** Returns the fragment for a config. */
export async function encode(shared: Shared): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(shared));
  const packed = await collect(
    new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw")),
    MAX_LINK,
  );
  if (!packed || packed.length * 1.34 > MAX_LINK) {
    throw new ShareError("The config is too long for a link. Copy it instead.");
  }
  let binary = "";
  for (const byte of packed) binary += String.fromCharCode(byte);
  const base64 = btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  return PREFIX + base64;
}

/** Returns the config of a fragment; `undefined` if there is none. */
export async function decode(fragment: string): Promise<Shared | undefined> {
  if (!fragment.startsWith(PREFIX)) return undefined;
  const text = fragment.slice(PREFIX.length);
  const broken = new ShareError("The link is incomplete. Ask for a new one.");
  if (text.length > MAX_LINK || !/^[\w-]*$/.test(text)) throw broken;
  let shared: unknown;
  try {
    const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    const packed = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const bytes = await collect(stream, MAX_TEXT);
    if (!bytes) throw broken;
    shared = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw broken;
  }
  if (!isShared(shared)) throw broken;
  return shared;
}

function isShared(value: unknown): value is Shared {
  if (typeof value !== "object" || value === null) return false;
  const { text, places } = value as { text?: unknown; places?: unknown };
  if (typeof text !== "string") return false;
  if (places === undefined) return true;
  if (typeof places !== "object" || places === null) return false;
  return Object.values(places).every((it) => typeof it === "string");
}

/** Reads a stream up to a limit; returns `undefined` beyond it. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  limit: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
