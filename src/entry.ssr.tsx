/** Renders a page. The theme that a person chose is on the root element from the first byte, so nothing flashes. */
import { renderToStream, type RenderToStreamOptions } from "@builder.io/qwik/server";
import { looksOfCookies } from "./components/shell/looks";
import { readerNumbers } from "./components/shell/reader-numbers";
import { themeOfCookies } from "./components/shell/theme";
import { attributeOfStyle, PLAIN_NUMBERS } from "./components/ui/number-text";
import Root from "./root";
import { pageWriter } from "./web/page-stream";

export default function render(options: RenderToStreamOptions) {
  const headers = options.serverData?.["requestHeaders"] as Record<string, string> | undefined;
  const theme = themeOfCookies(headers?.["cookie"]);
  const { density, keys, numbers } = looksOfCookies(headers?.["cookie"]);
  const style = attributeOfStyle(readerNumbers(numbers, headers?.["accept-language"]));
  return renderToStream(<Root />, {
    ...options,
    // It fetches whatever a page might ever call, and what that might import, before anybody has touched anything.
    preloader: false,
    stream: pageWriter(options.serverData) ?? options.stream,
    containerAttributes: {
      lang: "en",
      ...(theme && { "data-theme": theme }),
      ...(density === "compact" && { class: "compact" }),
      ...(style !== attributeOfStyle(PLAIN_NUMBERS) && { "data-numbers": style }),
      ...(!keys && { "data-keys": "off" }),
      ...options.containerAttributes,
    },
    serverData: { ...options.serverData },
  });
}
