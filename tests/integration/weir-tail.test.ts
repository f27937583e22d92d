/** `weir tail`: the present as it comes, through a restart of the server, until Ctrl-C. */
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";
import { startWeir, weirCommand } from "../support/weir-command";

const weir = runningWeir();

function tail(...args: string[]) {
  const { child, ended } = startWeir(["tail", ...args], { env: { WEIR_URL: weir.address } });
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  let err = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (err += text));
  return {
    lines: (count: number) =>
      until(`${count} lines of output (there are ${JSON.stringify(out)})`, () => {
        const lines = out.split("\n").slice(0, -1);
        return lines.length >= count && lines;
      }),
    says: (pattern: RegExp) => until(`${pattern} in ${JSON.stringify(err)}`, () => pattern.test(err), 40_000),
    interrupt: () => {
      child.kill("SIGINT");
      return ended;
    },
  };
}

const idOf = (line: string): unknown => (JSON.parse(line) as { eventId: string }).eventId;

describe("weir tail", () => {
  it("shows the newest rows, then what is committed, of what fits; through a restart without a gap; and ends cleanly", async () => {
    await weir.publish([
      weir.event({ eventId: "t1", pipelineName: "orders", status: "FAILED" }),
      weir.event({ eventId: "t2", pipelineName: "orders" }),
      weir.event({ eventId: "t3", pipelineName: "stock", status: "FAILED" }),
    ]);
    const shown = tail("--json", "status=FAILED", "pipelineName=orders", "pipelineName=clicks");
    await shown.says(/weir: live; the newest commit is \d+(\.\d)? s old\n/);
    await weir.publish([
      weir.event({ eventId: "t4", pipelineName: "clicks", status: "FAILED" }),
      weir.event({ eventId: "t5", pipelineName: "stock", status: "FAILED" }),
    ]);
    expect((await shown.lines(2)).map(idOf)).toEqual(["t1", "t4"]);

    const { port } = weir;
    await weir.kill();
    await shown.says(/weir: the link is lost \(.+\); the newest commit shown is \d+(\.\d)? s old; trying again\n/);
    await weir.startAgain(port);
    await weir.publish([weir.event({ eventId: "t6", pipelineName: "orders", status: "FAILED" })]);
    expect((await shown.lines(3)).map(idOf)).toEqual(["t1", "t4", "t6"]);
    await shown.says(/weir: live again after \d+(\.\d)? s, nothing is missing\n/);
    expect(await shown.interrupt()).toMatchObject({ code: 0, signal: null });
  });

  it("shows a table in which text is text (invariant 8)", async () => {
    const hostile = "\u001b[2J\u001b]0;title\u0007evil\n\u202eline \u009b31m";
    await weir.publish([
      weir.event({ eventId: "h1", correlationId: "hostile", status: "FAILED", errorMessage: hostile }),
    ]);
    const [header, row] = await tail("correlationId=hostile").lines(2);
    expect(header).toMatch(/^Correlation ID +Pipeline +Stage +Status +Timestamp +Records processed +Error$/);
    expect(row).toMatch(/^hostile +orders +load +FAILED +\d{4}-\d\d-\d\dT\S+Z +- +evil line$/);
    const [json] = await tail("--json", "correlationId=hostile").lines(1);
    expect(json).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(json!)).toMatchObject({ errorMessage: hostile });
  });

  it.each([
    [["colour=red"], 'There is no parameter "colour"'],
    [["at=-2h"], "follows the present"],
    [["--feed", "nope"], "nope"],
    [["--last", "x"], "--last must be a whole number"],
  ])("%j is refused with what it should be, and code 2", async (args, sentence) => {
    const ended = await weirCommand(["tail", ...args], { env: { WEIR_URL: weir.address } });
    expect([ended.code, String(ended.stderr)]).toEqual([2, expect.stringContaining(sentence)]);
  });
});
