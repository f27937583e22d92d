/** Query parameters of calls: a misspelt one is an error and not silently without effect. */
import { AppError } from "../model/app-error";

/** @throws AppError bad-parameter that names the first unknown one */
export function onlyParameters(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (known.includes(name)) continue;
    if (name === "at")
      throw new AppError("bad-parameter", "What is here is of the present: it takes no at.", { parameter: name });
    const cure = known.length > 0 ? `it takes ${known.join(", ")}` : "it takes none";
    throw new AppError("bad-parameter", `There is no parameter ${JSON.stringify(name)} here: ${cure}.`, {
      parameter: name,
    });
  }
}

/** A whole number from the query. @throws AppError bad-parameter */
export function wholeParameter(query: URLSearchParams, name: string, fallback: number, max: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw new AppError(
    "bad-parameter",
    `${name}=${JSON.stringify(text.slice(0, 40))} is not a whole number from 1 to ${max}.`,
    {
      parameter: name,
    },
  );
}
