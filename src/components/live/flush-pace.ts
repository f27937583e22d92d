/**
 * When what a stream brought is shown: at once when it comes alone, with the next animation frame when the last showing has
 * not been painted yet, and rarely while nobody looks. Pure but for the timers that it is given.
 */
export interface PaceTimers {
  isHidden: () => boolean;
  /** Calls back after the events that arrived together. */
  soon: (then: () => void) => void;
  /** Calls back with the next animation frame; not while hidden. */
  nextFrame: (then: () => void) => void;
  /** Calls back when a page that nobody sees may be written again. */
  later: (then: () => void) => void;
}

/** @returns asks for one more call of `show`, which covers everything that came until then */
export function paced(show: () => void, { isHidden, soon, nextFrame, later }: PaceTimers): () => void {
  let isDue = false;
  let isUnpainted = false;
  const showNow = () => {
    isDue = false;
    show();
    if (isHidden() || isUnpainted) return;
    isUnpainted = true;
    nextFrame(() => {
      isUnpainted = false;
      if (isDue) showNow();
    });
  };
  const showIfDue = () => {
    if (isDue) showNow();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    if (isHidden()) later(showIfDue);
    else if (!isUnpainted) soon(showIfDue);
  };
}
