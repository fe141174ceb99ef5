// The command that serves the page itself, with the kernel of this machine: `cargo xtask test` builds it before these
// tests, with the page inside.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./browser.mjs";

export const COMMAND = process.env.BPFSCOPE ?? join(ROOT, "target/debug/bpfscope");

/**
 * Starts `bpfscope serve --kernel` on a free port.
 *
 * @returns {Promise<{url: string, refused: string|null, end: () => Promise<void>}>} the address with its token, and why
 *   the kernel cannot be asked, if it cannot
 */
export async function serveKernel() {
  const child = spawn(COMMAND, ["serve", "--kernel", "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, "line"), once(child, "close").then(() => [""])]);
  const url = /http:\S+/.exec(line)?.[0];
  if (!url) throw new Error(`${COMMAND} serve --kernel: ${said}`);
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return { url, refused: /^note: .*/m.exec(said)?.[0] ?? null, end };
}
