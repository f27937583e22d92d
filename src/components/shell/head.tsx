import { component$ } from "@builder.io/qwik";
import { useDocumentHead } from "@builder.io/qwik-city";
import { PickScript } from "../event-table/pick-script";

export const Head = component$(() => {
  const head = useDocumentHead();
  return (
    <>
      <meta charset="utf-8" />
      <title>{head.title ? `${head.title} · Weir` : "Weir"}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="referrer" content="same-origin" />
      <PickScript />
      <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
    </>
  );
});
