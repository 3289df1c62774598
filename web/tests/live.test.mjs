/** Tests of the live page, with the simulated klippy behind its websocket. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { connectPrinter, launch, noPython, open, serve, skip } from "./browser.mjs";

const reason = skip || noPython("klipper_lumen");

describe("the live page", { skip: reason, timeout: 60_000 }, () => {
  let server;
  let browser;
  let printer;

  before(async () => {
    server = await serve();
    browser = await launch();
    printer = await connectPrinter();
  });

  after(async () => {
    await browser?.close();
    server?.close();
    printer?.close();
  });

  async function visit(options = {}) {
    const visited = await open(browser, "about:blank", options);
    await printer.route(visited.context);
    await visited.page.goto(`${server.url}live.html`);
    await visited.page.getByText("State").first().waitFor();
    return visited;
  }

  const effect = (page, group) =>
    page.getByRole("listitem", { name: group }).locator("code").textContent();

  /** Waits until a group shows an effect. */
  const shows = (page, group, text) =>
    page.getByRole("listitem", { name: group }).locator("code").getByText(text).waitFor();

  it("shows the pixels, and why each group shows what it shows", async () => {
    const { page, context } = await visit();
    const item = page.getByRole("listitem", { name: "case" });
    await item.getByText("It follows the printer: the state is idle.").waitFor();
    assert.equal(await effect(page, "tool"), "solid red");
    const count = await page.evaluate(async () => {
      const canvas = document.querySelector("#stage");
      const pictures = new Set();
      for (let frame = 0; frame < 60 && pictures.size < 3; frame++) {
        await new Promise((done) => requestAnimationFrame(done));
        pictures.add(canvas.toDataURL());
      }
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const colors = new Set();
      for (let at = 0; at < data.length; at += 4) {
        colors.add(
          data
            .slice(at, at + 3)
            .map((it) => it >> 5)
            .join(),
        );
      }
      return { pictures: pictures.size, colors: colors.size };
    });
    assert.ok(count.pictures >= 3, "the picture moves");
    assert.ok(count.colors > 20, `a rainbow has many colors, not ${count.colors}`);
    await context.close();
  });

  it("sets colors, effects and brightness, and follows the printer again", async () => {
    const { page, context, errors } = await visit();
    await page.getByLabel("Color of tool").fill("#0000ff");
    await shows(page, "tool", "solid 0000ff");
    await page.getByText("A command has set this.").waitFor();
    await page.getByLabel("Effect of case").selectOption("comet");
    await shows(page, "case", "comet");
    await page.getByLabel("Brightness of tool").fill("0.5");
    const body = printer.asked.findLast((it) => it.method === "printer.lumen.brightness");
    assert.deepEqual(body.params, { value: 0.5, group: "tool" });
    await page
      .getByRole("listitem", { name: "tool" })
      .getByRole("button", { name: "Follow" })
      .click();
    await shows(page, "tool", "solid red");
    await page.getByRole("button", { name: "Follow the printer" }).click();
    await shows(page, "case", "rainbow");
    assert.deepEqual(errors, []);
    await context.close();
  });

  it("asks at most 20 times a second, and not at all while it is hidden", async () => {
    const { page, context } = await visit();
    const previews = () =>
      printer.asked.filter((it) => it.method === "printer.lumen.preview").length;
    const before = previews();
    await page.waitForTimeout(2000);
    const count = previews() - before;
    assert.ok(count > 0 && count <= 41, `${count} in two seconds`);
    // Scrolled out of sight, as a webcam below others.
    await page.locator(".stage").evaluate((it) => (it.style.visibility = "hidden"));
    await page.locator(".stage").evaluate((it) => (it.style.display = "none"));
    await page.waitForTimeout(300);
    const hidden = previews();
    await page.waitForTimeout(700);
    assert.equal(previews(), hidden);
    await page.locator(".stage").evaluate((it) => (it.style.display = ""));
    await page.waitForTimeout(500);
    assert.ok(previews() > hidden);
    await context.close();
  });

  it("renders here between the answers, with Klipper's config", async () => {
    const { page, context, errors } = await visit();
    const asked = (method) => printer.asked.filter((it) => it.method === method).length;
    // Until the pixels were compared.
    await page.locator("#stage[data-local='case tool']").waitFor();
    for (const text of ["rainbow", "party"]) {
      if (text === "party") {
        await page.getByLabel("Effect of case").selectOption("party");
        await shows(page, "case", "party");
        await page.locator("#stage[data-local='case tool']").waitFor();
      }
      const before = asked("printer.lumen.preview");
      const pictures = await page.evaluate(async () => {
        const canvas = document.querySelector("#stage");
        const seen = new Set();
        const end = performance.now() + 2000;
        while (performance.now() < end) {
          await new Promise((done) => requestAnimationFrame(done));
          seen.add(canvas.toDataURL());
        }
        return seen.size;
      });
      const answers = asked("printer.lumen.preview") - before;
      assert.ok(answers <= 10, `${text}: ${answers} answers in two seconds`);
      assert.ok(pictures >= 2 * answers, `${text}: ${pictures} pictures of ${answers} answers`);
    }
    await page.getByRole("button", { name: "Follow the printer" }).click();
    await shows(page, "case", "rainbow");
    assert.deepEqual(errors, []);
    await context.close();
  });

  it("stands still while the printer does not answer", async () => {
    const { page, context, errors } = await visit();
    await page.locator("#stage[data-local='case tool']").waitFor();
    const pictures = () =>
      page.evaluate(async () => {
        const seen = new Set();
        const end = performance.now() + 500;
        while (performance.now() < end) {
          await new Promise((done) => requestAnimationFrame(done));
          seen.add(document.querySelector("#stage").toDataURL());
        }
        return seen.size;
      });
    printer.stop();
    try {
      await page.waitForTimeout(3000);
      assert.equal(await pictures(), 1);
    } finally {
      printer.goOn();
    }
    await page.waitForTimeout(500);
    assert.ok((await pictures()) > 2);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it("shows what it cannot render here as the printer sends it", async () => {
    const { page, context } = await visit();
    await page.locator("#stage[data-local='case tool']").waitFor();
    // The simulated engine has drawn this for a while before the page knows of it.
    await page.getByLabel("Effect of case").selectOption("temperature");
    await shows(page, "case", "temperature");
    await page.getByLabel("Effect of case").selectOption("rainbow");
    await shows(page, "case", "rainbow");
    await page.locator("#stage[data-local='case tool']").waitFor();
    await context.close();
  });

  it("fits a frame on a dashboard and a phone", async () => {
    for (const viewport of [
      { width: 480, height: 360 },
      { width: 340, height: 700 },
    ]) {
      const { page, context } = await visit({ viewport });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= viewport.width, `${width} in ${viewport.width}`);
      await context.close();
    }
  });

  it("says that there is no connection, and connects again", async () => {
    const { page, context } = await open(browser, "about:blank");
    let isUp = false;
    await printer.route(context, () => isUp);
    await page.goto(`${server.url}live.html`);
    await page.getByText("Not connected to Moonraker.").waitFor();
    isUp = true;
    await page.getByText("It follows the printer").first().waitFor();
    await page.getByText("Not connected to Moonraker.").waitFor({ state: "detached" });
    await context.close();
  });
});
