/** How the instant of a page is kept: a link to it, until when it works, and a pin, by which it works for good. */
import { $ } from "@builder.io/qwik";
import type { PageState } from "~/web/pages/page-time";
import { withParams } from "../shell/page-url";
import { exactTime, UTC } from "../ui/time-text";
import { copyLink } from "./scrub";

export const keepMenu = (state: PageState) => {
  const { link, pinNote } = state.travel;
  if (link === null) return null;
  return (
    <details class="travel keep" id="keep">
      <summary>{pinNote === null ? "Link and pin" : "Pinned"}</summary>
      <div class="panel">{keepForms(state)}</div>
    </details>
  );
};

export const keepForms = (state: PageState) => {
  const { here, travel } = state;
  const { link, instant, pinNote, keptUntil, pinAction } = travel;
  if (link === null || instant === null) return null;
  const zone = state.age.zone ?? UTC;
  const until = keptUntil === null ? null : `${exactTime(keptUntil, zone).slice(0, 10)}`;
  const back = withParams(here, { at: instant, done: null });
  return (
    <div class="keep-forms" data-instant={instant}>
      <div class="copy-link">
        <label>
          Link to exactly this
          <input readOnly value={link} data-at="address" />
        </label>
        <button
          type="button"
          onClick$={$((_: Event, button: HTMLElement) => {
            const box = button.closest(".copy-link")!;
            return copyLink(box.querySelector("input")!, box.querySelector("[role=status]")!);
          })}
        >
          Copy
        </button>
        <span role="status" class="small" />
      </div>
      {pinNote !== null ? (
        <p class="small told-pinned">Pinned{pinNote === "" ? "" : `: ${pinNote}`}. The link works for good.</p>
      ) : (
        <p class="muted small">
          {until === null ? "The link works as long as the instant is kept." : `The link works until ${until}.`} Pinned,
          it works for good.
        </p>
      )}
      {pinNote === null && pinAction !== null && (
        <form method="post" action={pinAction}>
          <input type="hidden" name="do" value="pin" />
          <input type="hidden" name="at" value={instant} data-at="instant" />
          <input type="hidden" name="back" value={back} data-at="address" />
          <label>
            Note
            <input name="note" maxLength={1_000} autocomplete="off" placeholder="Why it is kept" />
          </label>
          <button class="primary">Pin it</button>
        </form>
      )}
      {pinAction !== null && (
        <a class="small" href={pinAction}>
          All pins
        </a>
      )}
    </div>
  );
};
