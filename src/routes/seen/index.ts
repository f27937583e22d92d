/** Somebody has seen what changed since they last looked. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { readForm } from "~/web/form";
import { localPath } from "~/web/local-path";
import { markSeen } from "~/web/pages/last-look";

export const onPost: RequestHandler = async (ev) => {
  const form = await readForm(ev);
  markSeen(ev, getApp().clock.now());
  throw ev.redirect(303, localPath(form.get("back")));
};
