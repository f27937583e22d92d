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
  // Asked and not noted: the pointer may have been there before anybody watched. Fingers leave no pointer behind.
  const canHover = matchMedia("(hover: hover)");
  const isHeld = () =>
    (canHover.matches && box.matches(":hover")) ||
    box.scrollTop > 0 ||
    box.getBoundingClientRect().top < 0 ||
    box.contains(document.activeElement) ||
    box.querySelector("tr.picked") !== null;
  const leave = () => {
    // Pointer and focus are somewhere else only after the event that says that they go.
    requestAnimationFrame(() => {
      if (!isHeld()) onLeft();
    });
  };
  const events = ["pointerleave", "focusout", "scroll"] as const;
  for (const name of events) box.addEventListener(name, leave);
  return {
    isHeld,
    close: () => {
      for (const name of events) box.removeEventListener(name, leave);
    },
  };
}
