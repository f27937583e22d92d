/** Keys, the palette and the theme button of every page. None of it runs before the first of them is used. */
import { $, component$, useOnDocument, useServerData } from "@builder.io/qwik";
import { earlyScript } from "./early-script";
import { handleKey } from "./keys";
import { PALETTE_EVENT } from "./palette/palette-event";
import { SAID_ID } from "./say";
import { handleSubmit } from "./theme-switch";

export const Keyboard = component$(() => {
  const nonce = useServerData<string>("nonce", "");
  useOnDocument(
    "keydown",
    $((event: KeyboardEvent) => handleKey(event)),
  );
  useOnDocument(
    "submit",
    $((event: Event) => handleSubmit(event)),
  );
  useOnDocument(
    PALETTE_EVENT,
    $(async () => (await import("./palette/palette")).togglePalette()),
  );
  return (
    <>
      <p id={SAID_ID} class="said-line" role="status" />
      <script nonce={nonce} dangerouslySetInnerHTML={earlyScript()} />
    </>
  );
});
