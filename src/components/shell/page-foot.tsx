/** Where the page stands, for reports and for comparing two pages. */
export const pageFoot = (position: string) => (
  <footer class="foot">
    <span>
      Position <span class="mono">{position}</span>
    </span>
    <span>Times are UTC</span>
  </footer>
);
