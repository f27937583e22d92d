/** A page of one who is not in yet: the name of the program and one card, without places to go to. */
import type { JSXChildren } from "@builder.io/qwik";
import { WeirMark } from "../shell/icons";

export const AccountPage = ({ title, children }: { title: string; children: JSXChildren }) => (
  <main id="main" class="sign-in">
    <a class="brand" href="/" aria-label="Weir, on-call page">
      <WeirMark />
      Weir
    </a>
    <div class="panel-box">
      <h1>{title}</h1>
      {children}
    </div>
  </main>
);
