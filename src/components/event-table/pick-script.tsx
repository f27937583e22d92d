/** Stands once on a page with rows, before the first of them: rows can be picked as soon as they are seen. */
import { component$, useServerData } from "@builder.io/qwik";
import { pickScript } from "./pick";

export const PickScript = component$(() => (
  <script nonce={useServerData<string>("nonce", "")} dangerouslySetInnerHTML={pickScript()} />
));
