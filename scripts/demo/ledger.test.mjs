import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.mjs";

const message = (eventId, lastUpdatedAt) => ({ eventId, lastUpdatedAt, eventTimestamp: 1000 });

const acknowledged = (...messages) => {
  const ledger = new Ledger();
  ledger.sent(messages, 5000);
  ledger.accepted(messages);
  return ledger;
};

describe("the ledger of the demo (invariant 1)", () => {
  it("takes a message for landed when its row is at least as new", () => {
    const ledger = acknowledged(message("a", 1), message("a", 2), message("b", 1));
    ledger.check(ledger.toCheck(), new Map([["a", 2]]), false);
    expect([ledger.acknowledged, ledger.inTable, ledger.lost]).toEqual([3, 2, 0]);
    expect(ledger.toCheck()).toEqual([{ id: "b", updatedAt: 1, eventTime: 1000 }]);
  });

  it("calls a message lost when its row is missing or older although nothing was staged", () => {
    const ledger = acknowledged(message("a", 2), message("b", 1));
    ledger.check(ledger.toCheck(), new Map([["a", 1]]), true);
    expect(ledger.lost).toBe(2);
  });

  it("counts a message once when two looks at the table overlap", () => {
    const ledger = acknowledged(message("a", 1), message("a", 2));
    const checked = ledger.toCheck();
    for (let looks = 0; looks < 2; looks++) ledger.check(checked, new Map([["a", 2]]), true);
    expect([ledger.acknowledged, ledger.inTable, ledger.lost]).toEqual([2, 2, 0]);
  });

  it("takes the verdict back when the message turns up after all", () => {
    const ledger = acknowledged(message("a", 1));
    ledger.check(ledger.toCheck(), new Map(), true);
    ledger.check(ledger.toCheck(), new Map([["a", 1]]), true);
    expect([ledger.inTable, ledger.lost]).toEqual([1, 0]);
  });

  it("counts a message once however often it was sent and answered", () => {
    const ledger = acknowledged(message("a", 1));
    ledger.sent([message("a", 1)], 6000);
    ledger.accepted([message("a", 1)]);
    expect(ledger.acknowledged).toBe(1);
  });

  it("does not look for what was refused or not answered", () => {
    const ledger = new Ledger();
    ledger.sent([message("a", 1), message("b", 1)], 5000);
    ledger.rejected([message("a", 1)]);
    expect(ledger.toCheck()).toEqual([]);
    expect(ledger.refused).toBe(1);
  });

  it("measures from the first sending to the arrival of that very version", () => {
    const ledger = acknowledged(message("a", 1));
    ledger.sent([message("a", 1)], 5900);
    ledger.seen("a", 0, 5100);
    ledger.seen("a", 1, 6000);
    expect(ledger.seenInMs).toBe(1000);
  });
});
