/** The settings begin with what everybody has. */
import type { RequestHandler } from "@builder.io/qwik-city";

export const onGet: RequestHandler = (ev) => {
  throw ev.redirect(302, "/settings/preferences");
};
