/**
 * `node scripts/container-steps.mjs`: carries out the Dockerfile without a container engine. Each stage becomes an empty
 * folder, its COPY and RUN lines are done there; then the last stage's command runs as a user who may write only to the
 * volume, and the health check's own command must say that it is ready. Prints what it did; fails with what did not work.
 */
import "./node-version.mjs";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { allowedByIgnoreFile, parseCopy, parseDockerfile } from "./dockerfile.mjs";
import { inRoot } from "./paths.mjs";
import { say } from "./processes.mjs";

/** `nobody`: where this runs as root, the server must not. */
const NOBODY = 65534;
const READY_WITHIN_MS = 30_000;
const SECRET = "a-secret-for-this-check-only";

const allowed = allowedByIgnoreFile(readFileSync(inRoot(".dockerignore"), "utf8"));

async function main() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "weir-container-"));
  // Others than the owner must be able to pass through it.
  chmodSync(folder, 0o755);
  try {
    const stages = parseDockerfile(readFileSync(inRoot("Dockerfile"), "utf8"));
    const built = stages.map((stage, i) =>
      buildStage(stage, path.join(folder, `stage-${i}`), (name) =>
        path.join(folder, `stage-${stages.findIndex((it) => it.name === name)}`),
      ),
    );
    await showThatItServes(built.at(-1), folder);
    say("The steps of the Dockerfile give a server that is ready, as a user who may write to nothing but the volume.");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {{ root: string, workdir: string, env: Record<string, string>, command: string[], healthcheck: string[] }} */
function buildStage({ name, instructions }, root, rootOf) {
  const stage = { root, workdir: root, env: {}, command: [], healthcheck: [] };
  mkdirSync(root, { recursive: true });
  for (const { word, rest, line } of instructions) {
    say(`${String(line).padStart(3)} ${name.padEnd(8)} ${word} ${rest.slice(0, 90)}`);
    const carryOut = STEPS[word];
    if (carryOut === undefined) throw new Error(`Dockerfile:${line}: ${word} is not understood here.`);
    carryOut(stage, rest, rootOf);
  }
  return stage;
}

const STEPS = {
  WORKDIR: (stage, rest) => {
    stage.workdir = path.join(stage.root, rest);
    mkdirSync(stage.workdir, { recursive: true });
  },
  COPY: (stage, rest, rootOf) => {
    const { from, sources, target } = parseCopy(rest);
    for (const source of sources)
      copy(from === null ? fromContext(source) : path.join(rootOf(from), source), place(stage, target));
  },
  RUN: (stage, rest) => execFileSync("sh", ["-c", rest], { cwd: stage.workdir, stdio: ["ignore", "pipe", "inherit"] }),
  ENV: (stage, rest) => {
    const [name, value] = rest.split("=");
    stage.env[name] = value;
  },
  HEALTHCHECK: (stage, rest) => (stage.healthcheck = JSON.parse(rest.slice(rest.indexOf("CMD ") + 4))),
  CMD: (stage, rest) => (stage.command = JSON.parse(rest)),
  USER: () => {},
  VOLUME: () => {},
  EXPOSE: () => {},
};

function fromContext(source) {
  if (!allowed.has(source.split("/")[0]))
    throw new Error(`The Dockerfile copies ${source}, but .dockerignore leaves it out.`);
  return inRoot(source);
}

const place = (stage, target) =>
  target.startsWith("/")
    ? path.join(stage.root, target)
    : `${path.join(stage.workdir, target)}${target.endsWith("/") ? "/" : ""}`;

/** A folder's contents go into the target, a file into it when it ends with a slash. */
function copy(source, target) {
  if (!existsSync(source)) throw new Error(`There is no ${source} to copy.`);
  cpSync(source, target.endsWith("/") ? path.join(target, path.basename(source)) : target, { recursive: true });
}

async function showThatItServes(stage, folder) {
  const volume = path.join(stage.root, "data");
  makeReadOnly(stage.workdir);
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (who.uid !== undefined) execFileSync("chown", ["-R", `${NOBODY}:${NOBODY}`, volume]);
  // No home and no temporary folder either: a read-only container has none.
  const env = {
    PATH: process.env.PATH,
    ...stage.env,
    WEIR_DATA_DIR: volume,
    WEIR_PORT: "0",
    HOME: folder,
    TMPDIR: stage.workdir,
  };
  mustRefuseWithoutSecret(stage, { ...who, env });
  const server = spawn(process.execPath, stage.command.slice(1), {
    cwd: stage.workdir,
    env: { ...env, WEIR_SECRET: SECRET },
    ...who,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const port = await portOf(server);
    mustNotWrite(stage.workdir, who);
    checkHealth(stage, { env: { ...env, WEIR_PORT: port }, ...who });
    say(`ready on port ${port}`);
  } finally {
    server.kill("SIGTERM");
    await new Promise((resolve) =>
      server.exitCode === null && server.signalCode === null ? server.once("exit", resolve) : resolve(),
    );
  }
  if (server.exitCode !== 0)
    throw new Error(`After SIGTERM the server ended with ${server.exitCode ?? server.signalCode}, not with 0.`);
}

const makeReadOnly = (folder) => execFileSync("chmod", ["-R", "a-w,a+rX", folder]);

function mustNotWrite(folder, who) {
  const write = `try { require("fs").writeFileSync("probe", ""); process.exit(1) } catch (error) { process.exit(error.code === "EACCES" ? 0 : 2) }`;
  execFileSync(process.execPath, ["-e", write], { cwd: folder, ...who });
}

function mustRefuseWithoutSecret(stage, options) {
  try {
    execFileSync(process.execPath, stage.command.slice(1), {
      cwd: stage.workdir,
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: READY_WITHIN_MS,
    });
  } catch (error) {
    if (/WEIR_SECRET/.test(String(error.stderr))) return;
    throw error;
  }
  throw new Error("Without WEIR_SECRET the server started, open to everybody.");
}

function checkHealth(stage, options) {
  execFileSync(process.execPath, stage.healthcheck.slice(1), {
    cwd: stage.workdir,
    ...options,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

function portOf(server) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("The server did not listen in time.")), READY_WITHIN_MS);
    server.once("exit", (code) => reject(new Error(`The server ended with ${code} before it listened.`)));
    createInterface({ input: server.stdout }).on("line", (line) => {
      const port = /listening on http:\/\/[^ ]*:(\d+)/.exec(line)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(port);
    });
  });
}

await main();
