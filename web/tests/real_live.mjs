/**
 * Opens the live page with a real Moonraker on a port, for tests/klippy/test_real_live.py. The page
 * and the websocket have one address, as with Mainsail's web server.
 */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { launch, open, serve } from "./browser.mjs";

const port = Number(process.argv[2]);
const state = process.argv[3] ?? "idle";

const server = await serve(undefined, (request, socket, head) => {
  const moonraker = connect(port, "127.0.0.1", () => {
    const headers = [];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      headers.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
    }
    moonraker.write(`GET ${request.url} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
    moonraker.write(head);
    socket.pipe(moonraker).pipe(socket);
  });
  moonraker.on("error", () => socket.destroy());
  socket.on("error", () => moonraker.destroy());
});
const browser = await launch();
try {
  const { page, errors } = await open(browser, `${server.url}live.html`);
  await page.locator(".live-state b").getByText(state, { exact: true }).waitFor();
  const pictures = await page.evaluate(async () => {
    const seen = new Set();
    for (let frame = 0; frame < 120 && seen.size < 5; frame++) {
      await new Promise((done) => requestAnimationFrame(done));
      seen.add(document.querySelector("#stage").toDataURL());
    }
    return seen.size;
  });
  assert.ok(pictures >= 5, `the picture moves: ${pictures}`);
  if (state === "idle") {
    // Its pixels are the same when they are rendered here, with the config of the real Klipper.
    await page.locator("#stage[data-local=case]").waitFor({ timeout: 20_000 });
    await page.getByLabel("Effect of case").selectOption("comet");
    await page.getByText("A command has set this.").waitFor();
  }
  assert.deepEqual(errors, []);
} finally {
  await browser.close();
  server.close();
}
