import { component$ } from "@builder.io/qwik";

/** Where the page stands, for reports and for comparing two pages. */
export const PageFoot = component$<{ position: string }>(({ position }) => (
  <footer class="foot">
    <span>
      Position <span class="mono">{position}</span>
    </span>
    <span>Times are UTC</span>
  </footer>
));
