/**
 * The way to a report: pinned, so that its links work for good, or as it is.
 *
 * @param pinned what is pinned, in words
 */
export const incidentReport = (href: string, pinned: string, mayPin: boolean) =>
  mayPin ? (
    <form method="post" action={href}>
      <button title={`Markdown for the post-mortem; ${pinned}`}>Incident report</button>
    </form>
  ) : (
    <a class="small" href={href}>
      Incident report
    </a>
  );
