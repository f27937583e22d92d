/** The first page of somebody who may read no feed yet: what is missing, and who can change it. */
import { component$ } from "@builder.io/qwik";

export const NoFeedView = component$(() => (
  <main id="main" tabIndex={-1}>
    <div class="notice">
      <h1>There is no feed that you may read yet</h1>
      <p>
        Your account works, and an admin of this server decides which feeds it may read. As soon as one is given to you,
        this page shows how its pipelines stand.
      </p>
      <p class="muted small">
        Admins give feeds in the settings, under People. What you may do now is in{" "}
        <a href="/settings/account">your account</a>.
      </p>
    </div>
  </main>
));
