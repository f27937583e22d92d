import { describe, expect, it } from "vitest";
import { gathered, newsOfProblems, newsOfUnheard, newsText } from "./speak";

const problems = (...ids: string[]) => ids.map((id) => ({ id, pipelineName: `pipeline ${id}`, stageName: "load" }));

describe("news for those who hear the page", () => {
  it("name what appeared and what recovered", () => {
    expect(newsText(newsOfProblems(problems("a", "b"), problems("b", "c")))).toBe(
      "1 new problem: pipeline c, load. 1 recovered: pipeline a, load.",
    );
  });

  it("name pipelines that nothing is heard of any more, and those that are heard of again", () => {
    const known = new Set(["orders", "parts", "stock"]);
    const news = newsOfUnheard(new Set(["orders", "parts", "forgotten"]), new Set(["parts", "stock"]), known);
    expect(newsText(news)).toBe("Nothing heard of: stock. Heard of again: orders.");
    expect(newsText(gathered(newsOfProblems([], problems("a")), news))).toBe(
      "1 new problem: pipeline a, load. Nothing heard of: stock. Heard of again: orders.",
    );
  });

  it("are short when much happens", () => {
    expect(newsText(newsOfProblems(problems(), problems("a", "b", "c", "d", "e")))).toBe(
      "5 new problems: pipeline a, load; pipeline b, load; pipeline c, load and 2 more.",
    );
  });

  it("are none when what appeared has recovered meanwhile", () => {
    const first = newsOfProblems(problems(), problems("a"));
    expect(newsText(gathered(first, newsOfProblems(problems("a"), problems())))).toBe("");
  });
});
