import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLake } from "~/lake/open";
import { localStorage } from "~/lake/storage/local";
import { lakeContract } from "./lake-contract";
import { removeFolder } from "../support/remove-folder";

lakeContract("the embedded lake", async ({ clock, retainMs }) => {
  const folder = await mkdtemp(join(tmpdir(), "weir-lake-"));
  const lake = await openLake({ storage: localStorage(folder), folder: "lake", clock, retainMs });
  return { lake, remove: () => removeFolder(folder) };
});
