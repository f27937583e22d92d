import { component$, useServerData } from "@builder.io/qwik";
import { useDocumentHead } from "@builder.io/qwik-city";
import { pickScript } from "../event-table/pick";

export const Head = component$(() => {
  const head = useDocumentHead();
  const nonce = useServerData<string>("nonce", "");
  return (
    <>
      <meta charset="utf-8" />
      <title>{head.title ? `${head.title} · Weir` : "Weir"}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="referrer" content="same-origin" />
      {/* Before the style sheets: behind one a script waits until that has come, and the parser with it. */}
      <script nonce={nonce} dangerouslySetInnerHTML={pickScript()} />
      <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
    </>
  );
});
