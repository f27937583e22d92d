import { expect, it } from "vitest";
import { localPath } from "./local-path";

it.each(["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\r\nb", null])(
  "goes home instead of to %j",
  (path) => {
    expect(localPath(path)).toBe("/");
  },
);

it("goes back to a path of this server with its query", () => {
  expect(localPath("/feeds/pipeline_events?status=FAILED")).toBe("/feeds/pipeline_events?status=FAILED");
});
