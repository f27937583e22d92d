import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { feedFromSchema } from "~/model/feed-from-schema";
import { filterView, plainAddress, suggestionsOf } from "./filter-view";

const feed = feedFromSchema(JSON.parse(readFileSync("avro/PipelineEvent.avsc", "utf8")), () => "hash");

describe("filters in the address", () => {
  it("offer the status, the string columns and the batch, from the schema alone", () => {
    const { fields } = filterView(feed, "/feeds/pipeline_events", { pipelineName: ["a", "b"] });
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ["status", "choice"],
      ["pipelineName", "text"],
      ["stageName", "text"],
      ["correlationId", "text"],
    ]);
    expect(fields[1]!.options).toEqual(["a", "b"]);
  });

  it("show each filter as a chip that can be removed or turned around", () => {
    const here = "/feeds/x?status=FAILED&pipelineName!=a&q=time+out&from=-2h";
    const { chips } = filterView(feed, here, {});
    expect(chips.map(({ text }) => text)).toEqual([
      "Status is FAILED",
      "Pipeline is not a",
      "Text contains “time out”",
      "From -2h",
    ]);
    const query = (href: string | null) => [...new URLSearchParams(href!.split("?")[1])].map((pair) => pair.join("="));
    expect(query(chips[0]!.removeHref)).toEqual(["pipelineName!=a", "q=time out", "from=-2h"]);
    expect(query(chips[0]!.invertHref)).toContain("status!=FAILED");
    expect(query(chips[1]!.invertHref)).toContain("pipelineName=a");
    expect(chips[2]!.invertHref).toBeNull();
  });

  it("say that an empty value means absent", () => {
    expect(filterView(feed, "/f?errorMessage=", {}).chips[0]!.text).toBe("Error is absent");
  });

  it("are added by the form without filtering by its empty fields", () => {
    expect(plainAddress("/f?q=&f.status=FAILED&f.pipelineName=&status=RETRYING&from=&at=")).toBe(
      "/f?status=FAILED&status=RETRYING",
    );
    expect(plainAddress("/f?f.status=FAILED&status=FAILED")).toBe("/f?status=FAILED");
    expect(plainAddress("/f?f.status=")).toBe("/f");
    expect(plainAddress("/f?errorMessage=&q=a")).toBeNull();
  });

  it("suggest the values of columns that have few", () => {
    const row = (pipeline: string, stage: string) => ["e", "c", pipeline, stage];
    const rows = Array.from({ length: 100 }, (_, i) => row(`p${i % 3}`, `s${i}`));
    expect(suggestionsOf(feed, rows)).toEqual({ pipelineName: ["p0", "p1", "p2"] });
  });
});
