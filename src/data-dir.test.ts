import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../tests/support/until";
import { joinLake, takeDataDir, takeLake } from "./data-dir";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-data-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the data directory", () => {
  it("is made with its version when it is missing", async () => {
    const held = await takeDataDir(join(folder, "new"));
    expect(await readFile(join(held.path, "version"), "utf8")).toBe("1\n");
  });

  it("is refused to a second taker, with the process that holds it", async () => {
    await takeDataDir(folder);
    await expect(takeDataDir(folder)).rejects.toThrow(`in use by process ${process.pid}`);
  });

  it("can be taken again once it was released", async () => {
    const held = await takeDataDir(folder);
    await held.release();
    await expect(takeDataDir(folder)).resolves.toMatchObject({ path: folder });
  });

  it("is taken from a process that was killed, even when its number lives on", async () => {
    await writeFile(join(folder, "lock"), `${process.pid} another-start\n`);
    await expect(takeDataDir(folder)).resolves.toMatchObject({ path: folder });
  });

  it(
    "is taken from a process that was killed and that nobody has asked how it ended",
    { timeout: 20_000 },
    async () => {
      if (process.platform !== "linux") return;
      // What `sh` becomes never asks for the child that `sh` began.
      const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
      try {
        const [line] = (await once(parent.stdout, "data")) as [Buffer];
        const pid = Number(line.toString());
        const stat = async () => (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]!.split(" ");
        const started = (await stat())[19]!;
        await writeFile(join(folder, "lock"), `${pid} ${started}\n`);
        await expect(takeDataDir(folder)).rejects.toThrow(`in use by process ${pid}`);
        process.kill(pid, "SIGKILL");
        await until("the end of the holder", async () => (await stat())[0] === "Z");
        await expect(takeDataDir(folder)).resolves.toMatchObject({ path: folder });
      } finally {
        parent.kill("SIGKILL");
      }
    },
  );

  it("is refused when a newer program has written it", async () => {
    await writeFile(join(folder, "version"), "99\n");
    await expect(takeDataDir(folder)).rejects.toThrow("written by a newer Weir (version 99");
  });

  it("is refused when its version is none", async () => {
    await writeFile(join(folder, "version"), "hello\n");
    await expect(takeDataDir(folder)).rejects.toThrow('holds "hello", not a version');
  });
});

describe("a lake outside the data directory", () => {
  it("is written by one server at a time, with the process that holds it named to the second", async () => {
    const release = await takeLake(folder);
    await expect(takeLake(folder)).rejects.toThrow(`The lake ${folder} is in use by process ${process.pid}`);
    await release();
    await expect(takeLake(folder)).resolves.toBeTypeOf("function");
  });
});

it("processes that share a lake do not stand in each other's way, and shut out one that shares it with nobody", async () => {
  const leave = await joinLake(folder);
  await expect(takeLake(folder)).rejects.toThrow(
    `The lake ${folder} is in use by process ${process.pid}. Stop it, or set WEIR_LAKE_URL to another folder, or set the same DATABASE_URL as there: then they work together.`,
  );
  await leave();
  const release = await takeLake(folder);
  await expect(joinLake(folder)).rejects.toThrow("which was started without DATABASE_URL and shares it with nobody");
  await release();
  await (
    await joinLake(folder)
  )();
});
