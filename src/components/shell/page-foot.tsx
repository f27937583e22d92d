/** Where the page stands, for reports and for comparing two pages. */
import { UTC, type Zone } from "../ui/time-text";

export const pageFoot = (position: string, zone: Zone = UTC) => (
  <footer class="foot">
    <span>
      Position{" "}
      <span class="mono" id="position">
        {position}
      </span>
    </span>
    <span>Times are {zone}</span>
    <a href="/status">Status</a>
  </footer>
);
