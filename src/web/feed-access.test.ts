import { expect, it } from "vitest";
import { feedUses } from "./feed-access";

const uses = (method: string, address: string) => {
  const { pathname: path, searchParams: query } = new URL(address, "http://weir.example");
  return feedUses({ method, path, query }, (view) => (view === "problems" ? "pipeline_events" : undefined)).map(
    ({ right, feed, needsOperator }) => `${right} ${feed}${needsOperator ? " as operator" : ""}`,
  );
};

it.each([
  ["GET", "/feeds/a", ["read a"]],
  ["GET", "/feeds/a/dead-letters", ["read a"]],
  ["GET", "/feeds/a/q-data.json", ["read a"]],
  ["POST", "/feeds/a/dead-letters", ["write a as operator"]],
  ["GET", "/lake/a", ["read a"]],
  ["GET", "/api/v1/feeds/a/rows?at=1", ["read a"]],
  ["HEAD", "/api/v1/feeds/a/live", ["read a"]],
  ["POST", "/api/v1/feeds/a/events", ["write a"]],
  ["DELETE", "/api/v1/feeds/a/dead-letters/1", ["write a as operator"]],
  ["POST", "/api/v1/feeds/a/dead-letters/1/replay", ["write a as operator"]],
  ["POST", "/api/v1/feeds/a/pins", ["read a as operator"]],
  ["DELETE", "/api/v1/feeds/a/pins/1", ["read a as operator"]],
  ["POST", "/api/v1/pubsub/push/a", ["write a"]],
  ["GET", "/api/v1/views/problems/rows", ["read pipeline_events"]],
  ["GET", "/api/v1/views/unknown/rows", []],
  ["GET", "/api/v1/live?topics=feeds/a,views/problems,feeds/b", ["read a", "read pipeline_events", "read b"]],
  ["GET", "/api/v1/live", []],
  ["GET", "/api/v1/feeds", []],
  ["GET", "/", []],
])("%s %s does %j", (method, address, expected) => {
  expect(uses(method, address)).toEqual(expected);
});

it("sees the feed of an address however it is written", () => {
  expect(uses("GET", "/api/v1/feeds/%61")).toEqual(["read a"]);
  expect(uses("GET", "/feeds/a/../b")).toEqual(["read b"]);
});
