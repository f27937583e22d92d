import { component$ } from "@builder.io/qwik";
import { QwikCityProvider, RouterOutlet } from "@builder.io/qwik-city";
import { Head } from "./components/shell/head";
import "./global.css";

export default component$(() => (
  // No view transitions: a snapshot of five thousand rows is a long pause for a short effect.
  <QwikCityProvider viewTransition={false}>
    <head>
      <Head />
    </head>
    <body>
      <RouterOutlet />
    </body>
  </QwikCityProvider>
));
