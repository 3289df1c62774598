/** Serves the built page and opens it in Chromium. */

import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const DIST = resolve(import.meta.dirname, "../dist");
const CHROMIUM = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (it) => it && existsSync(it),
);
/** Why the tests cannot run; false if they can. */
export const skip = CHROMIUM
  ? existsSync(join(DIST, "index.html"))
    ? false
    : "the page is not built: run 'make web'"
  : "Chromium is not installed: apt install chromium";

export const PYTHON =
  process.env.LUMEN_PYTHON ?? resolve(import.meta.dirname, "../../.venv/bin/python");

/** Why tests with Python cannot run; false if they can. */
export function noPython(...packages) {
  try {
    execFileSync(PYTHON, ["-c", `import ${packages.join(", ")}`], { stdio: "ignore" });
    return false;
  } catch {
    return `${packages.join(" and ")} are not installed in .venv: run 'make web'`;
  }
}

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Serves the page as any web server does; `extra` answers other paths, `onUpgrade` websockets. */
export async function serve(extra, onUpgrade) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const answer = extra?.(pathname, request);
    if (answer) {
      response.writeHead(answer.status ?? 200, answer.headers);
      response.end(answer.body);
      return;
    }
    const path = join(DIST, normalize(pathname === "/" ? "/index.html" : pathname));
    try {
      const body = await readFile(path);
      response.writeHead(200, {
        "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
      });
      response.end(body);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  if (onUpgrade) server.on("upgrade", onUpgrade);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

export async function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"],
  });
}

/** Opens a page and collects everything that it reports as an error. */
export async function open(browser, url, { init, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  if (init) await context.addInitScript(init);
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  const errors = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  const origin = url.startsWith("http") ? new URL(url).origin : "http://127.0.0.1";
  page.on("request", (request) => {
    const address = request.url();
    const isOwn = address.startsWith(origin) || /^(about|data|blob):/.test(address);
    if (!isOwn) errors.push(`request to ${address}`);
  });
  await page.goto(url);
  return { page, context, errors };
}

/** Starts the simulated klippy, which answers the websockets of pages. */
export async function connectPrinter() {
  const waiting = [];
  const asked = [];
  const printer = spawn(PYTHON, [join(import.meta.dirname, "printer.py")], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ready = new Promise((done) => waiting.push(done));
  createInterface(printer.stdout).on("line", (line) => waiting.shift()?.(line));
  await ready;
  const take = (socket) =>
    socket.onMessage((text) => {
      asked.push(JSON.parse(text));
      waiting.push((line) => socket.send(line));
      printer.stdin.write(`${text}\n`);
    });
  return {
    /** The requests so far. */
    asked,
    /** Answers the websockets of a context while `isUp` is true, and closes them otherwise. */
    route: (context, isUp = () => true) =>
      context.routeWebSocket(/\/websocket$/, (socket) => {
        if (isUp()) take(socket);
        else socket.close();
      }),
    /** Stops the whole printer, which goes on later. */
    stop: () => printer.kill("SIGSTOP"),
    goOn: () => printer.kill("SIGCONT"),
    close: () => printer.stdin.end(),
  };
}
