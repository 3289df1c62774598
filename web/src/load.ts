/** Loads the core once; each call creates another one of it. */

import coreUrl from "virtual:lumen-core";
import { Core } from "./core.ts";

let compiled: Promise<WebAssembly.Module> | undefined;

async function compile(): Promise<WebAssembly.Module> {
  const response = await fetch(coreUrl);
  if (!response.ok || !response.body) throw new Error(`cannot load the core: ${response.status}`);
  const stream = response.body.pipeThrough(new DecompressionStream("deflate-raw"));
  return Core.compile(await new Response(stream).arrayBuffer());
}

export async function loadCore(): Promise<Core> {
  compiled ??= compile();
  return Core.load(await compiled);
}
