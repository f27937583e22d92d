/**
 * The server as the commands that publish see it: events go there, or into the spool, and what became of them is said once, in
 * sentences, on standard error. Nothing here can make the caller's own work fail.
 */
import { join } from "node:path";
import { createPublisher, type Publisher } from "../publisher/publisher";
import type { Notice, Outcome } from "../publisher/outcome";
import { plainLine } from "./plain-text";

export interface ObserverOptions {
  feed: string;
  url: string;
  token: string | null;
  /** Folder of all spools; each feed of each server has its own in it. */
  spoolDir: string;
  closeTimeoutMs: number;
  say: (sentence: string) => void;
}

/** With a spool there is no need to insist. */
const TRIES = 2;

export class Observer {
  readonly #options: ObserverOptions;
  readonly #publisher: Publisher;
  readonly #counts = { acknowledged: 0, spooled: 0, rejected: 0, lost: 0 };
  readonly #reasons = new Map<string, string>();

  /** @throws TypeError when the address is none */
  static async open(options: ObserverOptions): Promise<Observer> {
    const { feed, url, token, closeTimeoutMs } = options;
    const common = {
      feed,
      url,
      ...(token !== null && { token }),
      closeTimeoutMs,
      tries: TRIES,
      onNotice: (notice: Notice) => hear(options, notice),
    };
    try {
      return new Observer(options, await createPublisher({ ...common, spool: spoolFolder(options) }));
    } catch (error) {
      if (error instanceof TypeError) throw error;
      options.say(`there is no spool (${(error as Error).message}): what cannot be sent is lost`);
      return new Observer(options, await createPublisher(common));
    }
  }

  private constructor(options: ObserverOptions, publisher: Publisher) {
    this.#options = options;
    this.#publisher = publisher;
  }

  /** Never rejects. */
  tell(event: object): void {
    this.#publisher.publish(event).then(
      (outcome) => this.#count(outcome),
      (error: unknown) => this.#count({ state: "lost", reason: (error as Error).message }),
    );
  }

  /** Sends or spools what is left and says what became of everything, if that is not what everybody expects. */
  async close(): Promise<void> {
    await this.#publisher.close();
    await Promise.resolve();
    const { spooled, rejected, lost } = this.#counts;
    const why = (state: string) => this.#reasons.get(state) ?? "";
    const { say } = this.#options;
    if (spooled > 0)
      say(
        `${events(spooled)} could not be sent (${why("spooled")}); kept in ${spoolFolder(this.#options)} for the next time`,
      );
    if (rejected > 0) say(`${events(rejected)} rejected: ${why("rejected")}`);
    if (lost > 0) say(`${events(lost)} lost: ${why("lost")}`);
  }

  #count(outcome: Outcome): void {
    this.#counts[outcome.state] += 1;
    if (outcome.state === "acknowledged") return;
    const field = outcome.state === "rejected" && outcome.field !== null ? `${outcome.field} ` : "";
    this.#reasons.set(outcome.state, plainLine(field + outcome.reason));
  }
}

function hear({ say }: ObserverOptions, notice: Notice): void {
  if (notice.kind === "rejected") say(`an event of the spool was rejected: ${plainLine(notice.reason)}`);
  if (notice.kind === "held") say(`the spool is kept: ${plainLine(notice.reason)}`);
  if (notice.kind === "spool") say(`the spool cannot be used: ${plainLine(notice.reason)}`);
}

const events = (count: number): string => (count === 1 ? "1 event" : `${count} events`);

/** One per feed and server, named by what they are called. */
export const spoolFolder = ({ spoolDir, url, feed }: Pick<ObserverOptions, "spoolDir" | "url" | "feed">): string =>
  join(spoolDir, fileName(url.replace(/^https?:\/\//, "").replace(/\/+$/, "")), fileName(feed));

const fileName = (text: string): string =>
  text
    .replace(/[^\w.-]/g, "_")
    .replace(/^\.+/, "_")
    .slice(0, 100);
