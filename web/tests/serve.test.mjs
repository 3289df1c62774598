/** Tests of the page with the server of `klipper-lumen preview --web`. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { PYTHON, launch, noPython, open, skip } from "./browser.mjs";

const PRINTER = "[printer]\nkinematics: cartesian\n[include lights.cfg]\n[lumen]\n";
const LIGHTS = `[lumen_group bar]
driver: spi
index_end: 20
on_idle: solid red
`;

describe(
  "the page of a file",
  { skip: skip || noPython("klipper_lumen", "klipper_lumen_web"), timeout: 60_000 },
  () => {
    let folder;
    let server;
    let url;
    let browser;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "lumen-"));
      writeFileSync(join(folder, "printer.cfg"), PRINTER);
      writeFileSync(join(folder, "lights.cfg"), LIGHTS);
      server = spawn(
        PYTHON,
        ["-m", "klipper_lumen", "preview", "--web", join(folder, "printer.cfg")],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      url = await new Promise((found, failed) => {
        server.on("exit", () => failed(new Error("the server has ended")));
        server.stdout.on("data", (text) => {
          const match = /http:\S+/.exec(text);
          if (match) found(match[0]);
        });
      });
      browser = await launch();
    });

    after(async () => {
      await browser?.close();
      server?.removeAllListeners("exit");
      server?.kill("SIGINT");
      if (folder) rmSync(folder, { recursive: true });
    });

    it("shows the file, follows it, and asks before it replaces edited text", async () => {
      const { page, errors } = await open(browser, url, { reducedMotion: "reduce" });
      const text = () =>
        page.evaluate(() =>
          [...document.querySelectorAll(".cm-line")].map((it) => it.textContent).join("\n"),
        );
      const shows = (part) =>
        page.waitForFunction(
          (it) => document.querySelector(".cm-content")?.textContent.includes(it),
          part,
        );
      await shows("solid red");
      assert.equal(await text(), LIGHTS);
      assert.equal(await page.locator(".file").textContent(), "lights.cfg");
      await page.getByText("no problems found").waitFor();

      writeFileSync(join(folder, "lights.cfg"), LIGHTS.replace("red", "blue"));
      await shows("solid blue");

      // A mistake in another file has no line in this one.
      writeFileSync(join(folder, "printer.cfg"), PRINTER + "bored_timeoutt: 3\n");
      await page.getByText("printer.cfg:5").waitFor();
      writeFileSync(join(folder, "printer.cfg"), PRINTER);
      await page.getByText("no problems found").waitFor();

      await page.locator(".cm-content").click();
      await page.keyboard.press("Control+End");
      await page.keyboard.insertText("on_error: solid orange\n");
      writeFileSync(join(folder, "lights.cfg"), LIGHTS.replace("red", "lime"));
      await page.getByText("changed on disk").waitFor();
      assert.match(await text(), /solid orange/);
      await page.getByRole("button", { name: "Load it" }).click();
      await shows("solid lime");
      assert.doesNotMatch(await text(), /solid orange/);
      assert.deepEqual(errors, []);
    });
  },
);
