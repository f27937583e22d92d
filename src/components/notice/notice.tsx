/** A page that has only one thing to say: an error, or that something is not there. */
import { component$ } from "@builder.io/qwik";

export interface NoticeProps {
  status: number;
  title: string;
  detail: string;
  requestId: string | null;
  /** Where to go instead; at least one. */
  links: readonly { href: string; label: string }[];
}

export const Notice = component$<NoticeProps>(({ status, title, detail, requestId, links }) => (
  <main id="main" tabIndex={-1} class="page">
    <section class="notice">
      <p class="code mono">{status}</p>
      <h1>{title}</h1>
      <p>{detail}</p>
      <p class="actions">
        {links.map(({ href, label }, i) => (
          <a key={href} class={i === 0 ? "button primary" : "button"} href={href}>
            {label}
          </a>
        ))}
      </p>
      {requestId !== null && (
        <p class="muted small">
          Request <span class="mono">{requestId}</span>
        </p>
      )}
    </section>
  </main>
));
