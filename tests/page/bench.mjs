// How fast the simulator is in the browser, beside the same work on this machine.
//
//     node tests/page/bench.mjs DIRECTORY NATIVE
//
// DIRECTORY holds `bench_page`, made by wasm-bindgen for the web; NATIVE is the program `native-figures`. Both do the
// same tasks by the same code (benches/src/twin.rs) and must come to the same answers. They take turns, so that what
// else the machine does meets both; of the samples of a task, each the fastest of eight stretches, the median counts.
import { spawn } from "node:child_process";
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
    const [answer, ns] = (await this.ask(`sample ${ms} ${task}`)).split(" ");
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
    const page = await browser.newPage();
    // Any document of that origin may load the module, and this one is there.
    await page.goto(`${server.url}bench_page.js`);
    await page.evaluate(async () => {
      if (!crossOriginIsolated) throw new Error("the browser's clock is a coarse one");
      const bench = await import("/bench_page.js");
      await bench.default();
      const made = new Map();
      globalThis.named = (kind, name) => {
        const key = `${kind} ${name}`;
        if (!made.has(key)) made.set(key, bench[kind].named(name));
        return made.get(key);
      };
    });
    return Object.assign(new Browser(), { server, browser, page });
  }

  sample(task, ms) {
    const inPage = ([task, ms]) => {
      const { answer, ns } = globalThis.named("Task", task).sample(ms);
      return { answer: String(answer), ns };
    };
    return this.page.evaluate(inPage, [task, ms]);
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

/** Nanoseconds of every task on both sides. */
async function measure(tasks, sides) {
  for (const task of tasks) {
    const answers = [];
    for (const side of sides) answers.push((await side.sample(task, WARM_UP_MS)).answer);
    if (answers.some((answer) => answer !== answers[0])) throw new Error(`${task}: the answers differ: ${answers}`);
  }
  const found = new Map(tasks.map((task) => [task, sides.map(() => [])]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const task of tasks) {
      for (const [at, side] of sides.entries()) found.get(task)[at].push((await side.sample(task, SAMPLE_MS)).ns);
    }
  }
  return found;
}

function speedTable(found) {
  const row = (name, ...cells) => console.log(name.padEnd(18) + cells.map((cell) => String(cell).padStart(16)).join(""));
  row("task", "native", "browser", "browser/native");
  const shares = [];
  for (const [task, sides] of found) {
    const [native, browser] = sides.map(median);
    const share = native / browser;
    const shown = task.startsWith("replay")
      ? [native, browser].map((ns) => `${(1e9 / ns).toFixed(0)} pkt/s`)
      : [native, browser].map((ns) => `${ns.toFixed(1)} ns`);
    row(task, ...shown, `${(share * 100).toFixed(0)} %`);
    // What it costs to record is told, but the figure is that of plain runs.
    if (!task.endsWith("recorded")) shares.push(share);
  }
  const mean = Math.exp(shares.reduce((sum, share) => sum + Math.log(share), 0) / shares.length);
  row("without recorder", "", "geometric mean", `${(mean * 100).toFixed(0)} %`);
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

const [directory, program] = process.argv.slice(2);
if (!program) {
  console.error("usage: node tests/page/bench.mjs DIRECTORY NATIVE");
  process.exit(2);
}
const native = new Native(program);
const browser = await Browser.start(directory);
try {
  const list = async (what) => (await native.ask(what)).split(",");
  speedTable(await measure(await list("tasks"), [native, browser]));
  console.log();
  await seekTable(await list("traces"), native, browser);
} finally {
  native.close();
  await browser.close();
}
