/** Whether somebody looks at a list so closely that nothing in it may move. */

export interface ReadingWatch {
  isHeld(): boolean;
  close(): void;
}

/**
 * A list is read while it is scrolled down, a row of it is picked, the pointer is over it or the focus in it.
 *
 * @param onLeft called when somebody who read it has gone
 */
export function readingWatch(box: HTMLElement, onLeft: () => void): ReadingWatch {
  let isPointed = false;
  const isHeld = () =>
    isPointed ||
    box.scrollTop > 0 ||
    box.getBoundingClientRect().top < 0 ||
    box.contains(document.activeElement) ||
    box.querySelector("tr.picked") !== null;
  const leave = () => {
    // The focus is somewhere else only after the event that says that it goes.
    requestAnimationFrame(() => {
      if (!isHeld()) onLeft();
    });
  };
  const onEnter = ({ pointerType }: PointerEvent) => void (isPointed = pointerType === "mouse");
  const onLeave = () => {
    isPointed = false;
    leave();
  };
  const events = [
    ["pointerenter", onEnter],
    ["pointerleave", onLeave],
    ["focusout", leave],
    ["scroll", leave],
  ] as const;
  for (const [name, listener] of events) box.addEventListener(name, listener as EventListener);
  return {
    isHeld,
    close: () => {
      for (const [name, listener] of events) box.removeEventListener(name, listener as EventListener);
    },
  };
}
