/**
 * Stands in the head of every document, before its style sheet: a script behind one waits until that has come, and the parser
 * with it.
 */
import { component$, useServerData } from "@builder.io/qwik";
import { pickScript } from "./pick";

export const PickScript = component$(() => (
  <script nonce={useServerData<string>("nonce", "")} dangerouslySetInnerHTML={pickScript()} />
));
