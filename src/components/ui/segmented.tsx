/** Links side by side of which one is where the reader is: ranges, ways to look at the same thing. */
export interface Segment {
  href: string;
  label: string;
  isCurrent: boolean;
}

/** @param label of the group, for those who listen */
export const segmented = (label: string, segments: readonly Segment[]) => (
  <nav class="segmented" aria-label={label}>
    {segments.map(({ href, label: text, isCurrent }) => (
      <a key={text} href={href} aria-current={isCurrent ? "true" : undefined}>
        {text}
      </a>
    ))}
  </nav>
);
