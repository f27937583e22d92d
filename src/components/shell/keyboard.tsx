/** The keys of every page. Nothing is loaded for them before the first key is pressed. */
import { $, component$, useOnDocument } from "@builder.io/qwik";
import { handleKey } from "./keys";

export const Keyboard = component$(() => {
  useOnDocument(
    "keydown",
    $((event: KeyboardEvent) => handleKey(event)),
  );
  return <span hidden />;
});
