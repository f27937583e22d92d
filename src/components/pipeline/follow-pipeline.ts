/** Follows the events of a feed and has the parts of the page written anew when one of this pipeline (or of this batch) changed. */
import { followPage } from "../follow/follow-page";
import { freshParts } from "../follow/fresh-parts";
import type { DataAge } from "../shell/data-age";
import { concerns, type ConcernSpec } from "./concerns";
import { restoreGrid } from "./grid-keys";
import { moveAges } from "./pipeline-row";

/** What the server writes into `data-follow` of the page. */
interface FollowSpec extends ConcernSpec {
  feed: string;
  position: string;
  schemaId: string;
  key: number;
}

export interface Following {
  age: DataAge;
  renderedAt: number;
  setAge: (age: DataAge) => void;
}

const MINUTE_MS = 60_000;

/** Follows until the answer is called. */
export function followPipeline({ age, renderedAt, setAge }: Following): () => void {
  const main = document.getElementById("main")!;
  const spec = JSON.parse(main.dataset["follow"]!) as FollowSpec;
  const parts = freshParts(main, { onFresh: restoreGrid });
  let movedAt = renderedAt;
  const stop = followPage({
    feed: spec.feed,
    topics: [{ topic: spec.topic, since: spec.position, key: spec.key, schemaId: spec.schemaId }],
    renderedAt,
    age,
    newestIn: () => null,
    setAge: (next) => {
      setAge(next);
      if (next.now === null || next.now - movedAt < MINUTE_MS) return;
      movedAt = next.now;
      moveAges(main, movedAt);
      // What is late, slow or silent now is told by the clock and not by an event.
      if (!document.hidden && next.link === "live") parts.changed();
    },
    onDelta: (_, delta) => {
      if (concerns(delta, spec)) parts.changed();
    },
  });
  return () => {
    stop();
    parts.close();
  };
}
