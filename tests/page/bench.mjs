// How fast the simulator is in the browser, beside the same work on this machine.
//
//     node tests/page/bench.mjs DIRECTORY NATIVE PROGRAMS
//
// DIRECTORY holds `bench_page`, made by wasm-bindgen for the web; NATIVE is the program `native-figures`; PROGRAMS is
// the directory in which the bench `verifier` left what it verified. Both sides do the same tasks by the same code
// (benches/src/twin.rs) and must come to the same answers. They take turns, so that what else the machine does meets
// both; of the samples of a task, each the fastest of eight stretches, the median counts.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

/** Samples of each task and side. */
const TURNS = 9;
/** How long a sample takes, in milliseconds. */
const SAMPLE_MS = 40;
/** How long a task runs before it is measured: the browser compiles again what runs often. */
const WARM_UP_MS = 600;
/** How many steps of a trace are sought. */
const SEEKS = 500;
/** With these a browser's clock ticks every 5 µs; without, every 100 µs, which is too coarse here. */
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
/** What of the native speed the browser must reach, and within how many milliseconds a seek must end. */
const SHARE = 0.4;
const FRAME_MS = 16;
/** Turns, and milliseconds of warming up and of a sample, for each of the many programs that are verified. */
const VERIFY_TURNS = 3;
const VERIFY_WARM_UP_MS = 120;
const VERIFY_MS = 20;
/** How many times the native time the browser may take to verify, and within how many seconds it must end. */
const VERIFY_TIMES = 3;
const VERIFY_S = 5;

/** Work on this machine: `native-figures`, one line for each line. */
class Native {
  constructor(program) {
    this.child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    this.started = new Promise((done, fail) => this.child.once("spawn", done).once("error", fail));
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async ask(line) {
    await this.started;
    this.child.stdin.write(`${line}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`native-figures ended at \`${line}\``);
    return value;
  }

  async sample(task, ms) {
    const how = task.file ? `verify ${ms} ${task.keep} ${task.program} ${task.file}` : `sample ${ms} ${task}`;
    const [answer, ns] = (await this.ask(how)).split(" ");
    return { answer, ns: Number(ns) };
  }

  async seek(trace, count) {
    const [steps, ...times] = (await this.ask(`seek ${count} ${trace}`)).split(" ").map(Number);
    return { steps, times };
  }

  close() {
    this.child.stdin.end();
  }
}

/** The same work in the browser. */
class Browser {
  static async start(directory) {
    const [server, browser] = await Promise.all([serve(directory, 0, ISOLATED), launch()]);
    const started = Object.assign(new Browser(), { server, browser });
    await started.renew();
    return started;
  }

  /** Begins again with an empty memory and with code that never ran. */
  async renew() {
    await this.page?.close();
    this.page = await this.browser.newPage();
    // Any document of that origin may load the module, and this one is there.
    await this.page.goto(`${this.server.url}bench_page.js`);
    await this.page.evaluate(async () => {
      if (!crossOriginIsolated) throw new Error("the browser's clock is a coarse one");
      const bench = await import("/bench_page.js");
      const { memory } = await bench.default();
      globalThis.megabytes = () => memory.buffer.byteLength / 1e6;
      const made = new Map();
      const once = (key, make) => {
        if (!made.has(key)) made.set(key, make());
        return made.get(key);
      };
      globalThis.named = (kind, name) => once(`${kind} ${name}`, () => bench[kind].named(name));
      globalThis.verifying = (key, object, program, keep) =>
        once(key, () => bench.Task.verifying(Uint8Array.from(atob(object), (c) => c.charCodeAt(0)), program, keep));
    });
  }

  sample(task, ms) {
    const inPage = ([task, ms]) => {
      const { key, object, program, keep } = task;
      const made = key ? globalThis.verifying(key, object, program, keep) : globalThis.named("Task", task);
      const { answer, ns } = made.sample(ms);
      return { answer: String(answer), ns };
    };
    return this.page.evaluate(inPage, [task, ms]);
  }

  /** Megabytes of memory that the module has by now; it never has less again. */
  megabytes() {
    return this.page.evaluate(() => globalThis.megabytes());
  }

  seek(trace, count) {
    const inPage = ([trace, count]) => {
      const seeks = globalThis.named("Seeks", trace);
      return { steps: seeks.steps(), times: [...seeks.sample(count)] };
    };
    return this.page.evaluate(inPage, [trace, count]);
  }

  async close() {
    await this.browser.close();
    await this.server.close();
  }
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const median = (numbers) => sorted(numbers)[numbers.length >> 1];
const verdict = (kept) => (kept ? "kept" : "MISSED");

const ORDINARY = { turns: TURNS, warmUp: WARM_UP_MS, ms: SAMPLE_MS };
const VERIFYING = { turns: VERIFY_TURNS, warmUp: VERIFY_WARM_UP_MS, ms: VERIFY_MS };

/** Nanoseconds of every task on both sides. */
async function measure(tasks, sides, { turns, warmUp, ms }) {
  for (const task of tasks) {
    const answers = [];
    for (const side of sides) answers.push((await side.sample(task, warmUp)).answer);
    if (answers.some((answer) => answer !== answers[0])) throw new Error(`${task.name ?? task}: the answers differ: ${answers}`);
  }
  const found = new Map(tasks.map((task) => [task, sides.map(() => [])]));
  for (let turn = 0; turn < turns; turn++) {
    for (const task of tasks) {
      for (const [at, side] of sides.entries()) found.get(task)[at].push((await side.sample(task, ms)).ns);
    }
  }
  return found;
}

const row = (width, name, ...cells) =>
  console.log(name.padEnd(width) + cells.map((cell) => String(cell).padStart(16)).join(""));
const geometricMean = (numbers) => Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);

/** The programs of a list that the bench `verifier` left. */
function programsOf(list, keep) {
  const lines = existsSync(list) ? readFileSync(list, "utf8").trim().split("\n").filter(Boolean) : [];
  return lines.map((line) => {
    const [file, program, name] = line.split("\t");
    const object = readFileSync(file).toString("base64");
    return { key: `${keep} ${program} ${file}`, name, file, program: Number(program), keep, object };
  });
}

/** What verifying costs in the browser, program by program, without log and states as on this machine. */
async function verifierTable(directory, native, browser) {
  const programs = programsOf(join(directory, "programs.tsv"), "verdict");
  if (programs.length === 0) return console.log("verifier: no programs were left to verify");
  const found = await measure(programs, [native, browser], VERIFYING);
  row(46, "verified", "native", "browser", "times native");
  const times = [];
  for (const [{ name }, sides] of found) {
    const [here, there] = sides.map(median);
    times.push(there / here);
    row(46, name, `${(here / 1e3).toFixed(1)} µs`, `${(there / 1e3).toFixed(1)} µs`, (there / here).toFixed(2));
  }
  const mean = geometricMean(times);
  row(46, `${times.length} programs`, "", "geometric mean", mean.toFixed(2));
  console.log(`at most ${VERIFY_TIMES} times native: ${verdict(mean <= VERIFY_TIMES)}, ${Math.max(...times).toFixed(2)} at worst`);
}

/** Programs of a million processed instructions, each in a page of its own: once, as whoever opens the page waits. */
async function largeTable(directory, native, browser) {
  let worst = 0;
  for (const keep of ["verdict", "everything"]) {
    for (const task of programsOf(join(directory, "large.tsv"), keep)) {
      await browser.renew();
      const [here, there] = [await native.sample(task, 0), await browser.sample(task, 0)];
      if (here.answer !== there.answer) throw new Error(`${task.name}: the answers differ: ${here.answer}, ${there.answer}`);
      const processed = Number(BigInt(there.answer) >> 1n);
      const seconds = ({ ns }) => ns / 1e9;
      worst = Math.max(worst, seconds(there));
      const memory = `${(await browser.megabytes()).toFixed(0)} MB of wasm memory`;
      const kept = keep === "verdict" ? "" : ", log and states kept";
      console.log(`${task.name}, ${processed} processed${kept}: browser ${seconds(there).toFixed(2)} s, ${memory}; native ${seconds(here).toFixed(2)} s`);
    }
  }
  if (worst > 0) console.log(`within ${VERIFY_S} s in the browser: ${verdict(worst <= VERIFY_S)}`);
}

function speedTable(found) {
  row(18, "task", "native", "browser", "browser/native");
  const shares = [];
  for (const [task, sides] of found) {
    const [native, browser] = sides.map(median);
    const share = native / browser;
    const shown = task.startsWith("replay")
      ? [native, browser].map((ns) => `${(1e9 / ns).toFixed(0)} pkt/s`)
      : [native, browser].map((ns) => `${ns.toFixed(1)} ns`);
    row(18, task, ...shown, `${(share * 100).toFixed(0)} %`);
    // What it costs to record is told, but the figure is that of plain runs.
    if (!task.endsWith("recorded")) shares.push(share);
  }
  row(18, "without recorder", "", "geometric mean", `${(geometricMean(shares) * 100).toFixed(0)} %`);
  console.log(`at least ${SHARE * 100} % of native speed on each: ${verdict(Math.min(...shares) >= SHARE)}`);
}

async function seekTable(traces, native, browser) {
  let worst = 0;
  for (const trace of traces) {
    const [there, here] = [await native.seek(trace, SEEKS), await browser.seek(trace, SEEKS)];
    const shown = ({ times }) => {
      const ms = sorted(times);
      return `median ${median(ms).toFixed(2)}, p99 ${ms[Math.floor(ms.length * 0.99)].toFixed(2)}, max ${ms.at(-1).toFixed(2)} ms`;
    };
    console.log(`seek in ${trace}, ${here.steps} steps: browser ${shown(here)}; native ${shown(there)}`);
    worst = Math.max(worst, ...here.times);
  }
  console.log(`under ${FRAME_MS} ms in the browser: ${verdict(worst < FRAME_MS)}`);
}

const [directory, program, programs] = process.argv.slice(2);
if (!programs) {
  console.error("usage: node tests/page/bench.mjs DIRECTORY NATIVE PROGRAMS");
  process.exit(2);
}
const native = new Native(program);
const browser = await Browser.start(directory);
try {
  const list = async (what) => (await native.ask(what)).split(",");
  speedTable(await measure(await list("tasks"), [native, browser], ORDINARY));
  console.log();
  await seekTable(await list("traces"), native, browser);
  console.log();
  await verifierTable(programs, native, browser);
  console.log();
  await largeTable(programs, native, browser);
} finally {
  native.close();
  await browser.close();
}
