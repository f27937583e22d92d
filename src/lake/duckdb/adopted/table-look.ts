/**
 * What there is of a table in a folder that somebody else writes. The names in its timeline's folder are looked at once a second
 * for all callers together; only when they have changed is the table read again.
 */
import type { Clock } from "../../../clock";
import type { Instant } from "../../../model/instant";
import { NOTHING, type AdoptedLook } from "../../adopted/source";
import { adoptedEpoch } from "../../hudi/adopted-epoch";
import { decodeAvroFile } from "../../hudi/avro-file";
import { cutsOf, rewritten, type Commits } from "../../hudi/cuts";
import { HudiTable } from "../../hudi/table";
import { isWrite } from "../../hudi/timeline";
import type { Storage } from "../../storage/storage";

export interface TableLook extends AdoptedLook {
  table: HudiTable | null;
}

const LOOK_MS = 1_000;
const MOST_REWRITTEN = 100;
const ABSENT: TableLook = { ...NOTHING, table: null };

export class TableWatch {
  #table: HudiTable | null = null;
  #known: { look: TableLook; names: string; at: number; commits: Commits } | null = null;
  #reading: Promise<TableLook> | null = null;
  #hasDuplicates = false;
  #rewritten: Instant[] = [];

  constructor(
    readonly storage: Storage,
    readonly folder: string,
    private readonly clock: Clock,
  ) {}

  get hasDuplicates(): boolean {
    return this.#hasDuplicates;
  }

  /** What the last look found, without waiting for one; null before the first. */
  get known(): TableLook | null {
    return this.#known?.look ?? null;
  }

  /** @throws AppError read-only when the table is of a kind that cannot be read */
  look(): Promise<TableLook> {
    const known = this.#known;
    if (known !== null && Math.abs(this.clock.now() - known.at) < LOOK_MS) return Promise.resolve(known.look);
    return this.#readOnce(false);
  }

  /** Everything is read again. */
  async whole(): Promise<TableLook> {
    await this.#reading?.catch(() => undefined); // whoever asked for it is told
    return this.#readOnce(true);
  }

  tellDuplicates(): Promise<TableLook> {
    this.#hasDuplicates = true;
    return this.whole();
  }

  #readOnce(isWhole: boolean): Promise<TableLook> {
    this.#reading ??= this.#read(isWhole).finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #read(isWhole: boolean): Promise<TableLook> {
    const at = this.clock.now();
    this.#table ??= await HudiTable.open(this.storage, this.folder);
    const table = this.#table;
    if (table === null) return ABSENT;
    const names = await this.#names(table);
    if (names === "") {
      this.#table = null;
      this.#known = null;
      return ABSENT;
    }
    if (!isWhole && this.#known?.names === names) {
      this.#known.at = at;
      return this.#known.look;
    }
    if (this.#known !== null || isWhole) await table.refresh();
    const commits = commitsOf(table);
    const tellsCompletion = table.properties.version > 6;
    if (this.#known !== null) {
      const found = rewritten(this.#known.commits, commits, tellsCompletion);
      this.#rewritten = [...this.#rewritten, ...found].slice(-MOST_REWRITTEN);
    }
    const look: TableLook = {
      table,
      isAbsent: false,
      epoch: this.#epochOf(table),
      cuts: cutsOf(commits, tellsCompletion),
      keptSince: await keptSince(table),
    };
    this.#known = { look, names, at, commits };
    return look;
  }

  /** What the timeline holds, in one text; empty when the table is gone. */
  async #names(table: HudiTable): Promise<string> {
    const entries = await this.storage.list(`${this.folder}/${table.properties.timelineFolder}`);
    return entries
      .map(({ name }) => name)
      .sort()
      .join("\n");
  }

  #epochOf({ properties, instants }: HudiTable): string {
    const restores = instants.filter(({ action, state }) => action === "restore" && state === "COMPLETED");
    return adoptedEpoch({
      identity: [properties.weirTableId ?? properties.name, String(properties.version), this.folder],
      restores: restores.map(({ instant }) => instant),
      rewritten: this.#rewritten,
      isFolded: this.#hasDuplicates,
    });
  }
}

function commitsOf({ instants }: HudiTable): Commits {
  const writes = instants.filter(isWrite);
  return {
    completed: writes.filter(({ state }) => state === "COMPLETED"),
    pending: writes.flatMap(({ state, instant }) => (state === "COMPLETED" ? [] : [instant])),
  };
}

/** As the newest clean says: the files of every state from this commit on are there. Null = of every state. */
async function keptSince(table: HudiTable): Promise<Instant | null> {
  const clean = table.instants.findLast(({ action, state }) => action === "clean" && state === "COMPLETED");
  if (clean === undefined) return null;
  const [record] = decodeAvroFile(await table.storage.read(table.timelinePath(clean.file)));
  const { earliestCommitToRetain: earliest } = record as { earliestCommitToRetain?: string };
  // A clean that does not say what it left may have taken everything but the newest slices.
  return earliest ? earliest : "9";
}
