/** Tests of the live page with a printer whose answers are late, wrong or missing. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, open, serve, skip } from "./browser.mjs";

const GROUP = { effect: "rainbow", source: "state", pixels: 2, brightness: 1, run: null };
const STRIP = { health: "ok", error: null, pixels: 2, current_ma: 0 };

/** The answers of a printer with a group `case` of two pixels. */
const usual = {
  "server.connection.identify": () => ({}),
  "printer.objects.query": () => ({ status: {} }),
  "printer.lumen.effects": () => ({ effects: [{ name: "pulse", effect: "pulse", help: "" }] }),
  "printer.lumen.status": () => ({
    state: "idle",
    states: ["idle"],
    forced: null,
    moving: true,
    brightness: 1,
    groups: { case: GROUP },
    strips: { case: STRIP },
  }),
  "printer.lumen.preview": () => ({
    now: performance.now() / 1000,
    drawn: performance.now() / 1000,
    groups: [part("case", 2, 0, 2)],
    next: null,
  }),
};

/** Pixels `first` to `first + count` of a group, all of them red. */
function part(name, pixels, first, count) {
  const rgbw = Buffer.from(Array(count).fill([255, 0, 0, 0]).flat()).toString("base64");
  return { name, pixels, first, rgbw };
}

/** Thrown by an answer: the request fails with this message. */
class Refused extends Error {}

describe("the live page and a faulty printer", { skip, timeout: 120_000 }, () => {
  let server;
  let browser;

  before(async () => {
    server = await serve();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  /** Opens the page on a printer; `answers` can be changed later. */
  async function visit(given = {}) {
    const answers = { ...usual, ...given };
    const asked = [];
    const sockets = [];
    const { page, context, errors } = await open(browser, "about:blank");
    await context.routeWebSocket(/\/websocket$/, (socket) => {
      sockets.push(socket);
      socket.onMessage(async (text) => {
        const { id, method, params } = JSON.parse(text);
        asked.push({ method, params, time: performance.now() });
        let reply;
        try {
          reply = { id, result: await answers[method]?.(params) };
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          reply = { id, error: { code: 503, message: error.message } };
        }
        if (typeof reply.result !== "symbol") socket.send(JSON.stringify(reply));
      });
    });
    await page.goto(`${server.url}live.html`);
    const count = (method) => asked.filter((it) => it.method === method).length;
    /** Number of requests for pixels in a time. */
    const previews = async (milliseconds) => {
      const start = count("printer.lumen.preview");
      await page.waitForTimeout(milliseconds);
      return count("printer.lumen.preview") - start;
    };
    /** Waits until it asks for pixels again; fails if it does not. A busy computer takes longer. */
    const goesOn = async (name = "") => {
      const start = count("printer.lumen.preview");
      for (let wait = 0; wait < 80 && count("printer.lumen.preview") < start + 4; wait++) {
        await page.waitForTimeout(100);
      }
      assert.ok(count("printer.lumen.preview") >= start + 4, `${name}: the picture moves again`);
    };
    /** Whether the picture has a pixel that is mainly red. */
    const isRed = () =>
      page.evaluate(() => {
        const canvas = document.querySelector("#stage");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((red, at) => at % 4 === 0 && red > 200 && data[at + 2] < 100);
      });
    return { page, context, errors, answers, asked, sockets, previews, goesOn, isRed };
  }

  it("asks seldom while Klipper restarts", async () => {
    const { context, answers, previews, errors, page, goesOn } = await visit();
    await page.getByText("State").first().waitFor();
    answers["printer.lumen.preview"] = () => {
      throw new Refused("Klippy Host not connected");
    };
    const count = await previews(2000);
    assert.ok(count > 0 && count <= 41, `${count} requests in two seconds`);
    answers["printer.lumen.preview"] = usual["printer.lumen.preview"];
    await goesOn();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it("goes on after a reload between two parts of a picture", async () => {
    const { context, answers, errors, isRed, page, goesOn } = await visit();
    await page.getByText("State").first().waitFor();
    let pixels = 3000;
    answers["printer.lumen.preview"] = ({ first }) => {
      const answer = usual["printer.lumen.preview"]();
      answer.groups = [part("case", pixels, first, Math.min(2000, pixels - first))];
      answer.next = first + 2000 < pixels ? first + 2000 : null;
      if (first === 0) pixels = pixels === 3000 ? 4000 : 3000;
      return answer;
    };
    await page.waitForTimeout(1000);
    answers["printer.lumen.preview"] = usual["printer.lumen.preview"];
    await goesOn();
    assert.ok(await isRed());
    assert.deepEqual(errors, []);
    await context.close();
  });

  const wrong = {
    nothing: null,
    "a number": 7,
    "no groups": { now: 1, drawn: 1, next: null },
    "no time": { groups: [], next: null },
    "a text as time": { now: "1", drawn: "1", groups: [], next: null },
    "a negative time": { now: 1, drawn: -1, groups: [part("case", 2, 0, 2)], next: null },
    "no end": { now: 1, drawn: 1, groups: [] },
    "an end that is its start": { now: 1, drawn: 1, groups: [], next: 0 },
    "an end before its start": { now: 1, drawn: 1, groups: [], next: -5 },
    "a text as end": { now: 1, drawn: 1, groups: [], next: "5" },
    "a group of no name": { now: 1, drawn: 1, groups: [{}], next: null },
    "no base64": {
      now: 1,
      drawn: 1,
      groups: [{ name: "case", pixels: 2, first: 0, rgbw: "?" }],
      next: null,
    },
    "more pixels than there are": {
      now: 1,
      drawn: 1,
      groups: [{ ...part("case", 2, 0, 9) }],
      next: null,
    },
    "half a pixel": {
      now: 1,
      drawn: 1,
      groups: [{ name: "case", pixels: 2, first: 0.5, rgbw: "AAAA" }],
      next: null,
    },
    "too many pixels": {
      now: 1,
      drawn: 1,
      groups: [{ name: "case", pixels: 1e12, first: 0, rgbw: "AAAA" }],
      next: null,
    },
  };

  it("goes on after wrong pixels", async () => {
    const { context, answers, previews, errors, page, goesOn } = await visit();
    await page.getByText("State").first().waitFor();
    for (const [name, answer] of Object.entries(wrong)) {
      answers["printer.lumen.preview"] = () => answer;
      const count = await previews(500);
      assert.ok(count <= 11, `${name}: ${count} requests in half a second`);
      answers["printer.lumen.preview"] = usual["printer.lumen.preview"];
      await goesOn(name);
      assert.deepEqual(errors, [], name);
    }
    await context.close();
  });

  it("goes on after a wrong status or list of effects", async () => {
    const status = usual["printer.lumen.status"]();
    const parts = [null, 7, {}, { ...status, groups: null }, { ...status, strips: undefined }];
    parts.push({ ...status, groups: { case: null } }, { ...status, groups: { case: {} } });
    parts.push({ ...status, states: "idle" }, { ...status, strips: { case: null } });
    parts.push({ ...status, groups: { case: { ...GROUP, run: { start: "1", seed: {} } } } });
    let index = 0;
    const given = {
      "printer.lumen.status": () => parts[index++ % parts.length],
      "printer.lumen.effects": () => ({ effects: "pulse" }),
    };
    const { context, answers, errors, page } = await visit(given);
    while (index < parts.length) await page.waitForTimeout(500);
    answers["printer.lumen.status"] = usual["printer.lumen.status"];
    await page.getByText("It follows the printer").first().waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it("ignores what is no answer", async () => {
    const { context, errors, sockets, page, goesOn } = await visit();
    await page.getByText("State").first().waitFor();
    for (const text of ["", "{", "null", "7", "[]", '{"id":{}}', '{"id":1}', "\ufffd"]) {
      sockets.at(-1).send(text);
    }
    sockets.at(-1).send(Buffer.from([1, 2, 3]));
    await goesOn();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it("asks once at a time when it is hidden and shown again", async () => {
    let [waiting, most] = [0, 0];
    const late = async () => {
      most = Math.max(most, ++waiting);
      await new Promise((done) => setTimeout(done, 150));
      waiting--;
      return usual["printer.lumen.preview"]();
    };
    const { context, previews, page } = await visit({ "printer.lumen.preview": late });
    await page.getByText("State").first().waitFor();
    for (let times = 0; times < 10; times++) {
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await page.waitForTimeout(30);
    }
    const count = await previews(1500);
    assert.ok(count > 0 && count <= 11, `${count} requests in 1.5 s, with answers after 150 ms`);
    assert.equal(most, 1);
    await context.close();
  });

  it("spreads the requests of a long picture", async () => {
    const { context, answers, previews, page } = await visit();
    await page.getByText("State").first().waitFor();
    answers["printer.lumen.preview"] = ({ first }) => {
      const next = first < 100 ? first + 1 : null;
      return { now: 1, drawn: 1, groups: [part("case", 101, first, 1)], next };
    };
    await page.waitForTimeout(500);
    const count = await previews(3000);
    assert.ok(count > 20 && count <= 81, `${count} requests in three seconds`);
    await context.close();
  });

  it("knows the effects when Klipper starts after it", async () => {
    const starting = () => {
      throw new Refused("Klippy Host not connected");
    };
    const names = Object.keys(usual).filter((it) => it.startsWith("printer."));
    const given = Object.fromEntries(names.map((name) => [name, starting]));
    const { context, answers, errors, page } = await visit(given);
    await page.getByText("Klippy Host not connected").waitFor();
    Object.assign(answers, usual);
    await page.getByText("Klippy Host not connected").waitFor({ state: "detached" });
    await page.getByLabel("Effect of case").selectOption("pulse");
    assert.deepEqual(errors, []);
    await context.close();
  });

  it("goes on after the connection has ended in a picture", async () => {
    const { context, answers, errors, sockets, asked, page, goesOn } = await visit();
    await page.getByText("State").first().waitFor();
    for (let times = 0; times < 2; times++) {
      answers["printer.lumen.preview"] = () => {
        sockets.at(-1).close();
        return Symbol("none");
      };
      await page.getByText("Not connected").or(page.getByText("has ended")).first().waitFor();
      answers["printer.lumen.preview"] = usual["printer.lumen.preview"];
      await page.getByText("Not connected").or(page.getByText("has ended")).waitFor({
        state: "detached",
      });
      await goesOn();
    }
    const from = performance.now();
    await page.waitForTimeout(3000);
    const statuses = asked.filter((it) => it.time > from && it.method === "printer.lumen.status");
    assert.ok(statuses.length <= 4, `${statuses.length} requests for the status in 3 s`);
    assert.deepEqual(errors, []);
    await context.close();
  });
});
