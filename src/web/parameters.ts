/** Query parameters of calls: a misspelt one is an error and not silently without effect. */
import { AppError } from "../model/app-error";

/** @throws AppError bad-parameter that names the first unknown one */
export function onlyParameters(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (known.includes(name)) continue;
    const cure = known.length > 0 ? `it takes ${known.join(", ")}` : "it takes none";
    throw new AppError("bad-parameter", `There is no parameter ${JSON.stringify(name)} here: ${cure}.`, {
      parameter: name,
    });
  }
}
