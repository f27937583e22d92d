/** Any address that no other route takes. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { AppError } from "~/model/app-error";

export const onRequest: RequestHandler = (ev) => {
  throw new AppError("not-found", `There is nothing at ${JSON.stringify(ev.url.pathname)}.`);
};
