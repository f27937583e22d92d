import { describe, expect, it } from "vitest";
import { gathered, newsOf, newsText } from "./speak";

const problems = (...ids: string[]) => ids.map((id) => ({ id, pipelineName: `pipeline ${id}`, stageName: "load" }));

describe("news for those who hear the page", () => {
  it("name what appeared and what recovered", () => {
    expect(newsText(newsOf(problems("a", "b"), problems("b", "c")))).toBe(
      "1 new problem: pipeline c, load. 1 recovered: pipeline a, load.",
    );
  });

  it("are short when much happens", () => {
    expect(newsText(newsOf(problems(), problems("a", "b", "c", "d", "e")))).toBe(
      "5 new problems: pipeline a, load; pipeline b, load; pipeline c, load and 2 more.",
    );
  });

  it("are none when what appeared has recovered meanwhile", () => {
    const first = newsOf(problems(), problems("a"));
    expect(newsText(gathered(first, newsOf(problems("a"), problems())))).toBe("");
  });
});
