/** Java `.properties` text, as java.util.Properties reads and writes it: ISO-8859-1 with `\uXXXX` escapes. */

/** The entries of a properties text, later ones winning. */
export function parseProperties(bytes: Uint8Array): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of logicalLines(Buffer.from(bytes).toString("latin1"))) {
    const end = keyEnd(line);
    const rest = line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, "");
    entries.set(unescape(line.slice(0, end)), unescape(rest));
  }
  return entries;
}

/** @param comments lines written first, each after a `#` */
export function formatProperties(entries: ReadonlyMap<string, string>, comments: readonly string[]): Uint8Array {
  const lines = comments.map((comment) => `#${comment}`);
  for (const [key, value] of entries) lines.push(`${escape(key, true)}=${escape(value, false)}`);
  return Buffer.from(`${lines.join("\n")}\n`, "latin1");
}

/** Comment and blank lines dropped, continued lines (an odd number of backslashes at the end) joined. */
function* logicalLines(text: string): Generator<string> {
  let pending: string | null = null;
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.replace(/^[ \t\f]+/, "");
    if (pending === null && (line === "" || line.startsWith("#") || line.startsWith("!"))) continue;
    const joined: string = (pending ?? "") + line;
    if (/\\*$/.exec(joined)![0].length % 2 === 1) pending = joined.slice(0, -1);
    else {
      pending = null;
      yield joined;
    }
  }
  if (pending !== null) yield pending;
}

/** Where the key ends: at the first `=`, `:` or blank that no backslash precedes. */
function keyEnd(line: string): number {
  for (let i = 0; i < line.length; i++) {
    if (line[i] === "\\") i++;
    else if (/[=: \t\f]/.test(line[i]!)) return i;
  }
  return line.length;
}

const ESCAPES: Record<string, string> = { t: "\t", n: "\n", r: "\r", f: "\f" };

const unescape = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, char: string) =>
    code === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(parseInt(code, 16)),
  );

function escape(text: string, isKey: boolean): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    const code = text.charCodeAt(i);
    if (char === " ") out += isKey || i === 0 ? "\\ " : " ";
    else if (char === "\t") out += "\\t";
    else if (char === "\n") out += "\\n";
    else if (char === "\r") out += "\\r";
    else if (char === "\f") out += "\\f";
    else if ("\\:=#!".includes(char)) out += `\\${char}`;
    else if (code < 0x20 || code > 0x7e) out += `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
    else out += char;
  }
  return out;
}
