import { Linter } from "eslint";
import path from "node:path";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";
import { inRoot } from "../paths.mjs";
import { doors } from "./doors.mjs";
import { importDirections } from "./import-directions.mjs";

const linter = new Linter({ cwd: inRoot() });
const plugin = { rules: { directions: importDirections(inRoot("src"), doors) } };

function messages(file, code) {
  const config = {
    files: ["**/*.ts"],
    languageOptions: { parser: tseslint.parser },
    plugins: { weir: plugin },
    rules: { "weir/directions": "error" },
  };
  return linter.verify(code, [config], path.join(inRoot("src"), file)).map((it) => it.message);
}

describe("the lint rule for import directions", () => {
  it("refuses what a folder may not import, and names the door", () => {
    expect(messages("live/hub.ts", 'import { Ingest } from "../ingest/ingest";')).toEqual([
      expect.stringMatching(/^live must not import ingest\/ingest\. .*src\/app\.ts joins them\.$/),
    ]);
  });

  it("resolves the alias and relative paths to the same place", () => {
    expect(messages("model/a.ts", 'import { x } from "~/lake/reader";')).toHaveLength(1);
    expect(messages("model/a.ts", 'import { x } from "../lake/reader";')).toHaveLength(1);
    expect(messages("components/shell/a.ts", 'import { x } from "../live/stream";')).toEqual([]);
    expect(messages("routes/a.ts", 'import { x } from "../live/hub";')).toHaveLength(1);
  });

  it("lets types through where only types may pass", () => {
    expect(messages("live/a.ts", 'import type { Head } from "../lake/reader";')).toEqual([]);
    expect(messages("live/a.ts", 'import { type Head } from "../lake/reader";')).toEqual([]);
    expect(messages("live/a.ts", 'import { head } from "../lake/reader";')).toHaveLength(1);
  });

  it("says nothing of packages and of the folder itself", () => {
    expect(messages("model/a.ts", 'import { z } from "zod"; import { y } from "./b";')).toEqual([]);
  });
});
