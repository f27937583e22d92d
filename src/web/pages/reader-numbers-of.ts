/** How the one who asks wants to read numbers, for whatever is written while their request is answered. */
import { getRequestEvent, type RequestEventBase } from "@builder.io/qwik-city";
import { looksOfCookies } from "../../components/shell/looks";
import { readerNumbers } from "../../components/shell/reader-numbers";
import type { NumberStyle } from "../../components/ui/number-text";

const KEY = "weir.numbers";

/** Once per request, before anything is written. */
export const keepNumbers = ({ request: { headers }, sharedMap }: RequestEventBase): void => {
  const { numbers } = looksOfCookies(headers.get("cookie") ?? undefined);
  sharedMap.set(KEY, readerNumbers(numbers, headers.get("accept-language")));
};

export const numbersOfRequest = (): NumberStyle | undefined =>
  (getRequestEvent() as RequestEventBase | undefined)?.sharedMap.get(KEY) as NumberStyle | undefined;
