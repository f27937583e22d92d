import { describe, expect, it } from "vitest";
import { CommitPairs, pairUp } from "./commit-pairs";
import type { FeedSource } from "./feed-source";
import { tableIn } from "../tables";
import { pipelineFeed } from "../../../../tests/support/pipeline-feed";

const at = (n: number) => `202611210900000${String(n).padStart(2, "0")}`;
const lines = (...instants: number[]) =>
  instants.map((n) => ({ instant: at(n), action: "commit", completedAt: null, files: 1 }));
const seen = (pairs: ReturnType<typeof pairUp>) =>
  pairs.map(({ instant, candidates }) => [instant, candidates.map((line) => line.instant)]);

describe("commits of log and state", () => {
  it("belong together by their order: the state's lies between two of the log", () => {
    expect(seen(pairUp(lines(1, 4, 7), lines(2, 5, 8)))).toEqual([
      [at(1), [at(2)]],
      [at(4), [at(5)]],
      [at(7), [at(8)]],
    ]);
  });

  it("may share an instant, as the embedded engine's do", () => {
    expect(seen(pairUp(lines(1, 2), lines(1, 2)))).toEqual([
      [at(1), [at(1)]],
      [at(2), [at(2)]],
    ]);
  });

  it("are no position while the state has not followed, and are one when it has archived its commit", () => {
    expect(seen(pairUp(lines(1, 4, 7), lines(5)))).toEqual([
      [at(1), []],
      [at(4), [at(5)]],
    ]);
  });
});

/** Tables that a commit of another engine came between: what procedures say of them. */
function source(notes: Record<string, string>, logged: number[], states: number[]): FeedSource {
  const table = (name: string) => ({ path: `db.${name}`, sql: tableIn("db", name) });
  const query = (sql: { text: string }) => {
    const isLog = sql.text.includes("'db.log'");
    if (sql.text.includes("show_commits")) {
      const rows = (isLog ? logged : states).map((n) => [at(n), "", "commit", 0n, 1n, 0n]);
      return Promise.resolve({ rows: rows.reverse() });
    }
    const instant = /instant_time => '(\d+)'/.exec(sql.text)![1]!;
    const id = notes[`${isLog ? "log" : "state"} ${instant}`];
    const rows = [[instant, "commit", "schema", "{}"], ...(id ? [[instant, "commit", "weir_batch_id", id]] : [])];
    return Promise.resolve({ rows });
  };
  const pages = () => {
    throw new Error("Procedures have small answers.");
  };
  return { feed: pipelineFeed, spark: { query, pages }, main: table("state"), versions: table("log") };
}

describe("the commit of the state that carries a position", () => {
  it("is the first one with the batch id of the log's commit, whoever wrote in between", async () => {
    const ids = { [`log ${at(1)}`]: "b1", [`state ${at(3)}`]: "b1" };
    const pairs = new CommitPairs(source(ids, [1], [2, 3]));
    expect(await pairs.newest()).toMatchObject({ instant: at(1), state: { instant: at(3) } });
    const [pair] = await pairs.upTo({ instant: at(1), state: at(3) });
    expect(await pairs.stateOf(pair!)).toBe(at(3));
  });

  it("may name the instant of a commit that had no id of its own: a table that was handed over in the middle", async () => {
    const pairs = new CommitPairs(source({ [`state ${at(2)}`]: at(1) }, [1], [2]));
    expect(await pairs.newest()).toMatchObject({ instant: at(1), state: { instant: at(2) } });
  });

  it("leaves the newest position where it was when another engine writes into the state", async () => {
    const ids = { [`log ${at(1)}`]: "b1", [`state ${at(2)}`]: "b1" };
    const pairs = new CommitPairs(source(ids, [1], [2, 5]));
    expect(await pairs.newest()).toMatchObject({ instant: at(1), state: { instant: at(2) } });
  });

  it("is not made up: a log that is ahead of its state has no newer position", async () => {
    const ids = { [`log ${at(1)}`]: "b1", [`state ${at(2)}`]: "b1", [`log ${at(3)}`]: "b2" };
    const pairs = new CommitPairs(source(ids, [1, 3], [2]));
    expect(await pairs.newest()).toMatchObject({ instant: at(1), state: { instant: at(2) } });
  });
});
