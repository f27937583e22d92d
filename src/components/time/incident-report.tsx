/** The report of an incident: pinned, so that its links work for good, or as it is. */
export const incidentReport = (problemId: string, mayPin: boolean) => {
  const path = `/problems/${encodeURIComponent(problemId)}/incident`;
  return mayPin ? (
    <form method="post" action={path}>
      <button title="Markdown for the post-mortem; its moments are pinned">Incident report</button>
    </form>
  ) : (
    <a class="small" href={path}>
      Incident report
    </a>
  );
};
