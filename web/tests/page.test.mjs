/** Tests of the built page in Chromium. */

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { DIST, launch, open, serve, skip } from "./browser.mjs";

const MAX_BYTES = 1_000_000;
/** Effects that do not move by themselves. */
const STILL = ["off", "solid"];

function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size);
  }, 0);
}

describe("the playground", { skip, timeout: 90_000 }, () => {
  let server;
  let browser;
  let visits = [];

  before(async () => {
    server = await serve();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  /** Opens the page, by default with its time line at rest. */
  async function visit({ hash = "", motion = "reduce", ...options } = {}) {
    const visited = await open(browser, server.url + hash, { reducedMotion: motion, ...options });
    visits.push(visited);
    await visited.page.waitForSelector("#stage");
    await visited.page.waitForSelector(".cm-content");
    return visited.page;
  }

  // Nothing may be reported as an error, in any test.
  afterEach(async () => {
    const errors = visits.flatMap((it) => it.errors);
    await Promise.all(visits.map((it) => it.context.close()));
    visits = [];
    assert.deepEqual(errors, []);
  });

  /** Returns a hash of what the stage shows, after the next picture. */
  function picture(page) {
    return page.evaluate(async () => {
      const canvas = document.querySelector("#stage");
      const next = () => new Promise((done) => requestAnimationFrame(done));
      // The table below the canvas changes its size.
      do {
        await next();
        await next();
      } while (canvas.width !== canvas.clientWidth || canvas.height !== canvas.clientHeight);
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const hash = await crypto.subtle.digest("SHA-256", data);
      return Array.from(new Uint8Array(hash).slice(0, 8), (it) => it.toString(16)).join("");
    });
  }

  /** Replaces the whole config by one with a single group, and waits until it runs. */
  async function load(page, text) {
    await write(page, text);
    await page.waitForFunction(() => document.querySelectorAll(".groups tbody tr").length === 1);
    await page.getByText("no problems found").waitFor();
  }

  /** Replaces the whole config by typing. */
  async function write(page, text) {
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(text);
  }

  function text(page) {
    return page.evaluate(() =>
      [...document.querySelectorAll(".cm-line")].map((it) => it.textContent).join("\n"),
    );
  }

  /** Waits until the text matches a pattern. */
  function matches(page, pattern) {
    return page.waitForFunction((source) => {
      const lines = [...document.querySelectorAll(".cm-line")].map((it) => it.textContent);
      return new RegExp(source).test(lines.join("\n"));
    }, pattern.source);
  }

  const CONFIG = `[lumen]
[lumen_strip bar]
driver: spi
count: 20
[lumen_group bar]
strip: bar
on_idle: solid red
on_printing: progress steel matrix
`;

  async function at(page, seconds) {
    await page.getByLabel("Position in the job").fill(String(seconds));
  }

  /** Returns the state that shows, after the next picture. */
  async function state(page) {
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    return page.locator(".transport .state b").textContent();
  }

  it("is smaller than a megabyte", () => {
    const bytes = sizeOf(DIST);
    assert.ok(bytes < MAX_BYTES, `${bytes} bytes`);
  });

  it("shows a mistake, fixes it with one press, and shows other light", async () => {
    const page = await visit();
    await load(page, CONFIG);
    await at(page, 5);
    const red = await picture(page);
    await write(page, CONFIG.replace("solid red", "soldi blue"));
    const problem = page.locator(".problem-list li");
    await problem.filter({ hasText: "unknown effect 'soldi' (did you mean 'solid'?)" }).waitFor();
    assert.equal(await picture(page), red);
    await problem.getByRole("button", { name: "Change to solid" }).click();
    await page.getByText("no problems found").waitFor();
    assert.match(await text(page), /on_idle: solid blue/);
    assert.notEqual(await picture(page), red);
  });

  it("moves every effect of the gallery, and shows all of the tables", async () => {
    const page = await visit({ motion: "no-preference" });
    await page.getByRole("tab", { name: "Gallery" }).first().click();
    await page.waitForFunction(() => document.querySelectorAll(".card").length > 40);
    const sections = await page.locator(".gallery h3").allTextContents();
    assert.deepEqual(sections, ["Effects", "Looks", "Palettes"]);
    const cards = page.getByRole("region", { name: "Effects" }).locator(".card");
    const names = await cards.evaluateAll((all) => all.map((it) => it.dataset.card));
    assert.ok(names.length >= 32, `${names.length} effects`);
    const still = await cards.evaluateAll(async (all) => {
      const panel = document.querySelector(".side-panel");
      const next = () => new Promise((done) => requestAnimationFrame(done));
      const seen = new Map(all.map((it) => [it, new Set()]));
      const isStill = (card) => seen.get(card).size < 2;
      // Only the visible ones move.
      for (panel.scrollTop = 0; ; panel.scrollTop += panel.clientHeight / 2) {
        const { top, bottom } = panel.getBoundingClientRect();
        const visible = all.filter((card) => {
          const box = card.getBoundingClientRect();
          return box.top >= top && box.bottom <= bottom;
        });
        for (let count = 0; count < 60 && visible.some(isStill); count++) {
          await next();
          for (const card of visible) seen.get(card).add(card.querySelector("canvas").toDataURL());
        }
        if (all.at(-1).getBoundingClientRect().bottom <= bottom) break;
      }
      return all.filter(isStill).map((it) => it.dataset.card);
    });
    assert.deepEqual(still, STILL);
  });

  it("puts an effect of the gallery into the config, and undo takes it back", async () => {
    const page = await visit();
    await load(page, CONFIG);
    await page.getByRole("tab", { name: "Layers" }).first().click();
    await page.getByLabel("State", { exact: true }).selectOption("on_idle");
    await page.getByRole("tab", { name: "Gallery" }).first().click();
    await page.locator('.card[data-card="comet"]').click();
    assert.match(await text(page), /on_idle: comet /);
    await page.locator('.card[data-card="alarm"]').click();
    assert.match(await text(page), /on_idle: alarm\n/);
    assert.match(await text(page), /\[lumen_effect alarm\]/);
    await page.getByText("no problems found").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    assert.doesNotMatch(await text(page), /alarm/);
    assert.match(await text(page), /on_idle: comet /);
    await page.getByRole("button", { name: "Undo" }).click();
    assert.equal(await text(page), CONFIG);
  });

  it("shows the same light at a time, however it is reached", async () => {
    const page = await visit();
    await at(page, 30);
    const there = await picture(page);
    assert.equal(await state(page), "printing");
    await at(page, 12);
    assert.equal(await state(page), "heating");
    assert.notEqual(await picture(page), there);
    await at(page, 30);
    assert.equal(await picture(page), there);
  });

  it("goes through all states of a job", async () => {
    const page = await visit();
    const seen = [];
    for (let time = 0; time <= 76; time++) {
      await at(page, time);
      const shown = await state(page);
      if (shown !== seen.at(-1)) seen.push(shown);
    }
    assert.deepEqual(seen, [
      "startup",
      "idle",
      "heating",
      "homing",
      "leveling",
      "meshing",
      "printing",
      "paused",
      "printing",
      "complete",
      "cooldown",
      "bored",
      "sleep",
      "error",
    ]);
  });

  it("plays, pauses, changes its speed and holds a state", async () => {
    const page = await visit();
    const clock = async () => {
      await state(page);
      return Number.parseFloat(await page.locator(".clock").textContent());
    };
    assert.equal(await clock(), 0);
    await page.getByRole("combobox", { name: "Speed" }).selectOption("8");
    await page.getByRole("button", { name: "Play" }).click();
    await page.waitForFunction(
      () => Number.parseFloat(document.querySelector(".clock").textContent) > 1,
    );
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    const paused = await clock();
    const before = await picture(page);
    await page.getByRole("button", { name: "cleaning" }).click();
    assert.equal(await state(page), "cleaning");
    assert.notEqual(await picture(page), before);
    await page.getByRole("button", { name: "follow the job" }).click();
    assert.notEqual(await state(page), "cleaning");
    assert.equal(await clock(), paused);
  });

  it("runs commands, and says why one is refused", async () => {
    const page = await visit();
    await load(page, CONFIG);
    const line = page.getByLabel("Command for the lights");
    const before = await picture(page);
    await line.fill('LUMEN_SET GROUP=bar EFFECT="solid blue"');
    await line.press("Enter");
    await page.locator(".groups code").getByText("solid blue").waitFor();
    assert.notEqual(await picture(page), before);
    await line.fill("LUMEN_SET GROUP=bar EFFECT=comt");
    await line.press("Enter");
    await page.getByText("did you mean 'comet'?").waitFor();
    await line.fill("LUMEN_CLEAR");
    await line.press("Enter");
    await page.locator(".groups code").getByText("solid blue").waitFor({ state: "detached" });
  });

  it("follows the sliders of the printer", async () => {
    const page = await visit();
    await load(page, CONFIG);
    await at(page, 30);
    const before = await picture(page);
    await page.getByLabel("Progress").fill("90");
    const after = await picture(page);
    assert.notEqual(after, before);
    await page.getByRole("button", { name: "auto" }).last().click();
    await at(page, 30.1);
    await at(page, 30);
    assert.equal(await picture(page), before);
  });

  it("changes the text with the form, and the form with the text", async () => {
    // Both layers are visible.
    const page = await visit({ viewport: { width: 1440, height: 1300 } });
    await load(page, CONFIG);
    const form = page.locator(".layers");
    await page.getByLabel("State", { exact: true }).selectOption("on_idle");
    await form.getByLabel("Effect", { exact: true }).selectOption("pulse");
    await matches(page, /on_idle: pulse red\n/);
    await form.getByLabel("speed as a number").fill("2");
    // What is typed stays while the page draws itself again.
    await page.getByRole("button", { name: "cleaning" }).evaluate((it) => it.click());
    await form.getByLabel("speed as a number").press("Enter");
    await matches(page, /on_idle: pulse red speed=2\n/);
    await form.getByLabel("Color red").fill("#0000ff");
    await matches(page, /on_idle: pulse 0000ff speed=2\n/);
    await form.getByRole("button", { name: "Add a layer" }).click();
    await matches(page, /on_idle:\n {4}comet white\n {4}pulse 0000ff speed=2\n/);
    await form.getByRole("button", { name: "Move layer 1 down" }).click();
    await matches(page, /on_idle:\n {4}pulse 0000ff speed=2\n {4}comet white\n/);
    await form.getByLabel("blend").first().selectOption("add");
    await matches(page, /pulse 0000ff speed=2 blend=add\n/);

    // Drags the second layer above the first one.
    const grip = await form.locator(".grip").nth(1).boundingBox();
    const first = await form.locator(".layer").first().boundingBox();
    await page.mouse.move(grip.x + 5, grip.y + 5);
    await page.mouse.down();
    await page.mouse.move(first.x + 20, first.y + 8, { steps: 4 });
    await page.mouse.up();
    await matches(page, /on_idle:\n {4}comet white\n {4}pulse 0000ff/);
    await page.getByText("no problems found").waitFor();

    await write(page, CONFIG.replace("solid red", "kitt cyan tail=7"));
    assert.equal(await form.getByLabel("Effect", { exact: true }).inputValue(), "kitt");
    assert.equal(await form.getByLabel("kitt_tail_length as a number").inputValue(), "7");
  });

  it("sets a state that the config does not have", async () => {
    const page = await visit();
    await load(page, CONFIG);
    await page.getByLabel("State", { exact: true }).selectOption("on_error");
    await page.getByText("on_error is not set").waitFor();
    await page.getByRole("button", { name: "Change it" }).click();
    assert.match(await text(page), /on_error: heartbeat red/);
    await page.getByText("no problems found").waitFor();
  });

  it("completes sections, states, effects and their options", async () => {
    const page = await visit();
    const offers = (start) =>
      page
        .locator(".cm-tooltip-autocomplete li")
        .filter({ hasText: new RegExp(`^${start}`) })
        .first()
        .waitFor();
    await write(page, `${CONFIG}\n`);
    await page.keyboard.type("[lumen_g");
    await offers("\\[lumen_group ");
    await page.keyboard.press("Escape");
    await write(page, `${CONFIG}on_hea`);
    await page.keyboard.type("t");
    await offers("on_heating");
    // CodeMirror ignores Enter in the first 75 ms of a list, against accepting it by mistake.
    await page.waitForTimeout(100);
    await page.keyboard.press("Enter");
    await page.keyboard.type("com");
    await offers("comet");
    await page.keyboard.press("Escape");
    await page.keyboard.type("et ta");
    await offers("tail");
    await page.keyboard.press("Escape");
    await page.keyboard.type("il=5 blend=sc");
    await offers("screen");
  });

  it("shares a config by its link", async () => {
    const page = await visit();
    await write(page, CONFIG.replace("solid red", "solid teal # ä"));
    await page.getByLabel("Place of bar").selectOption("back");
    await page.getByRole("button", { name: "Share" }).click();
    await page.waitForFunction(() => window.location.hash.length > 20);
    const hash = await page.evaluate(() => window.location.hash);
    const other = await visit({ hash });
    assert.equal(await text(other), await text(page));
    assert.equal(await other.getByLabel("Place of bar").inputValue(), "back");
    const broken = await visit({ hash: hash.slice(0, 40) });
    await broken.getByText("The link is incomplete").waitFor();
  });

  it("copies sections that are ready to paste, with macros", async () => {
    const page = await visit();
    await write(page, `[mcu]\nserial: /dev/null\n${CONFIG}`);
    await page.getByRole("button", { name: "Copy config" }).click();
    const copied = page.getByLabel("Config to copy");
    const value = await copied.inputValue();
    assert.match(value, /^\[lumen\]/);
    assert.doesNotMatch(value, /\[mcu\]/);
    assert.match(value, /\[lumen_strip bar\]\ndriver: spi\ncount: 20/);
    assert.match(value, /\[gcode_macro LIGHTS_ON\]/);
    await page.getByLabel("With macros").uncheck();
    assert.doesNotMatch(await copied.inputValue(), /gcode_macro/);
    await page.keyboard.press("Escape");
    await copied.waitFor({ state: "detached" });
  });

  it("opens a pasted config", async () => {
    const page = await visit();
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByLabel("Config to open").fill(CONFIG);
    await page.getByRole("dialog").getByRole("button", { name: "Open", exact: true }).click();
    assert.match(await text(page), /on_idle: solid red/);
    await page.getByText("no problems found").waitFor();
  });

  it("reads layers of klipper-led_effect as layers, and not as sections", async () => {
    const page = await visit();
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Lumen does not read [led_effect] sections").waitFor();
    await page.keyboard.press("Escape");
    const layer = "breathing 3 1 top (1,0,0)";
    await load(page, `[led_effect old]\nleds: neopixel:bar\nlayers: ${layer}\n${CONFIG}`);
    await write(page, CONFIG.replace("solid red", layer));
    const problems = page.locator(".problem-list li");
    await problems.filter({ hasText: "as 'breathing COLORS'" }).waitFor();
  });

  it("exports a picture and films", async () => {
    const page = await visit();
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByLabel("Length").selectOption("2");
    const formats = [
      ["PNG", "89504e470d0a1a0a"],
      ["GIF", "474946383961"],
      ["WebM", "1a45dfa3"],
    ];
    for (const [name, magic] of formats) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name, exact: true }).click(),
      ]);
      const chunks = [];
      for await (const chunk of await download.createReadStream()) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      assert.ok(bytes.toString("hex").startsWith(magic), name);
      assert.ok(bytes.length > 5000, `${name}: ${bytes.length} bytes`);
    }
  });

  it("rests with reduced motion, and moves without it", async () => {
    const resting = await visit({ motion: "reduce" });
    await resting.getByRole("button", { name: "Play" }).waitFor();
    const moving = await visit({ motion: "no-preference" });
    await moving.getByRole("button", { name: "Pause", exact: true }).waitFor();
  });

  it("works by keyboard", async () => {
    const page = await visit();
    await page.locator("body").press("Space");
    await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
    await page.locator("body").press("Space");
    await page.getByRole("button", { name: "Play" }).waitFor();
    const slider = page.getByLabel("Position in the job");
    await slider.focus();
    await slider.press("End");
    assert.equal(await state(page), "error");
    // Every control has a name, and the focus can leave the editor.
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("button, select, input:not([type=hidden])")]
        .filter((it) => {
          const label = it.getAttribute("aria-label") ?? it.closest("label")?.textContent ?? "";
          return !(label + it.textContent + (it.title ?? "")).trim();
        })
        .map((it) => it.outerHTML),
    );
    assert.deepEqual(nameless, []);
  });

  it("fits a phone without scrolling sideways", async () => {
    const page = await visit({ viewport: { width: 360, height: 740 }, hasTouch: true });
    for (const name of ["Layers", "Gallery", "Printer", "Config"]) {
      await page.locator(".tabs").getByRole("tab", { name }).click();
      const [width, inner] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        window.innerWidth,
      ]);
      assert.ok(width <= inner, `${name}: ${width} in ${inner}`);
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll("button, select, input")]
          .filter((it) => {
            const { right, width } = it.getBoundingClientRect();
            return width > 0 && right > window.innerWidth + 1 && !it.closest(".cm-editor");
          })
          .map((it) => it.outerHTML),
      );
      assert.deepEqual(outside, [], name);
    }
  });

  it("is light and dark", async () => {
    const back = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await visit({ colorScheme: "dark" });
    const light = await visit({ colorScheme: "light" });
    assert.notEqual(await back(dark), await back(light));
    await light.getByRole("button", { name: "Light or dark" }).click();
    assert.equal(await back(light), await back(dark));
  });

  it("restarts the core after a fault and goes on", async () => {
    const page = await visit({
      init: () => {
        const { instantiate } = WebAssembly;
        WebAssembly.instantiate = async (...parts) => {
          const instance = await instantiate(...parts);
          window.coreMemory = instance.exports.memory;
          return instance;
        };
      },
    });
    await at(page, 5);
    const before = await picture(page);
    // The core traps at the next call.
    await page.evaluate(() => new Uint8Array(window.coreMemory.buffer).fill(0xff));
    await at(page, 6);
    await page.getByText("It was restarted").waitFor();
    await at(page, 5);
    assert.equal(await picture(page), before);
    await page.getByText("no problems found").waitFor();
  });
});
