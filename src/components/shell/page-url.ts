/** Addresses of this page with something changed: the URL is the state, so every control is a link or a GET form. */

export type ParamChange = string | readonly string[] | null;

/**
 * `path?query` with some parameters replaced (null removes one). Whatever changes, the reader starts at the first page of
 * the answer, so `after` goes unless it is named.
 *
 * @param here path and query, as in `/feeds/x?status=FAILED`
 */
export function withParams(here: string, changes: Readonly<Record<string, ParamChange>>): string {
  const [path = "/", query = ""] = here.split("?", 2);
  const params = new URLSearchParams(query);
  if (!("after" in changes)) params.delete("after");
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    if (value === null) continue;
    for (const one of typeof value === "string" ? [value] : value) params.append(name, one);
  }
  const text = params.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** The parameters of an address except some, for the hidden fields of a GET form. */
export function paramsWithout(here: string, names: readonly string[]): [string, string][] {
  return [...new URLSearchParams(here.split("?", 2)[1] ?? "")].filter(
    ([name]) => name !== "after" && !names.includes(name),
  );
}

/** The address without one `name=value` pair. */
export function withoutParam(here: string, name: string, value: string): string {
  const [path = "/", query = ""] = here.split("?", 2);
  const params = new URLSearchParams(query);
  const left = params.getAll(name).filter((one) => one !== value);
  return withParams(`${path}?${params.toString()}`, { [name]: left });
}
