/** Keys and the theme button of every page. None of it runs before the first of them is used. */
import { $, component$, useOnDocument } from "@builder.io/qwik";
import { handleKey, handleSubmit } from "./keys";

export const Keyboard = component$(() => {
  useOnDocument(
    "keydown",
    $((event: KeyboardEvent) => handleKey(event)),
  );
  useOnDocument(
    "submit",
    $((event: Event) => handleSubmit(event)),
  );
  return <span hidden />;
});
