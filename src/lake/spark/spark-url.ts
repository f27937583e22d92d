/** `hive2://user:password@host:10000/database?transport=http&…`: where a Spark Thrift Server is, and how it is spoken to. */

export interface SparkAddress {
  host: string;
  port: number;
  /** The database of sessions, tables are named in it. */
  database: string;
  user: string;
  /** Null = none was given. */
  password: string | null;
  transport: "binary" | "http";
  /** `none` = the server's hive.server2.authentication is NOSASL; `plain` = NONE, LDAP, CUSTOM or PAM. Binary transport only. */
  sasl: "plain" | "none";
  tls: boolean;
  /** PEM file of the authority that signed the server's certificate; null = those that Node knows. */
  caFile: string | null;
  /** The name in the server's certificate where it is not the host; null = the host. */
  serverName: string | null;
  /** Path of the HTTP transport. */
  path: string;
}

/** The address cannot be read: the message ends a sentence that begins with the setting's name. */
export class SparkAddressError extends Error {
  override readonly name = "SparkAddressError";
}

const PARAMETERS = ["transport", "auth", "ssl", "ca", "servername", "path"];
const DEFAULT_PORTS = { binary: 10_000, http: 10_001 };

/**
 * @param text `hive2://[user[:password]@]host[:port]/[database]` with the parameters `transport` (binary, http), `auth`
 *   (plain, nosasl), `ssl` (true, false), `ca` (a PEM file), `servername` and `path` (of HTTP)
 * @throws SparkAddressError
 */
export function parseSparkUrl(text: string): SparkAddress {
  const url = parse(text);
  const parameters = url.searchParams;
  for (const name of parameters.keys()) {
    if (!PARAMETERS.includes(name)) {
      throw new SparkAddressError(`has the parameter ${JSON.stringify(name)}; there are ${PARAMETERS.join(", ")}`);
    }
  }
  const transport = oneOf(parameters, "transport", ["binary", "http"]);
  const path = parameters.get("path") ?? "cliservice";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: portOf(text) ?? DEFAULT_PORTS[transport],
    database: databaseOf(url),
    user: decode(url.username, "user") || "weir",
    password: url.password === "" ? null : decode(url.password, "password"),
    transport,
    sasl: oneOf(parameters, "auth", ["plain", "nosasl"]) === "plain" ? "plain" : "none",
    tls: oneOf(parameters, "ssl", ["false", "true"]) === "true",
    caFile: parameters.get("ca"),
    serverName: parameters.get("servername"),
    path: path.startsWith("/") ? path : `/${path}`,
  };
}

/** For people and logs: without user and password. */
export const describeAddress = ({ host, port }: Pick<SparkAddress, "host" | "port">): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

function parse(text: string): URL {
  const shape = "must be an address such as hive2://host:10000/default";
  // Only a scheme of the web makes URL check the host.
  const web = /^hive2:(?=\/\/[^/])/.test(text) ? text.replace("hive2:", "http:") : "";
  if (!URL.canParse(web)) throw new SparkAddressError(shape);
  const url = new URL(web);
  if (portOf(text) === 0) throw new SparkAddressError(shape);
  if (url.hash !== "") throw new SparkAddressError(`${shape}, without #`);
  return url;
}

/** URL leaves out the port that is its scheme's own. */
function portOf(text: string): number | null {
  const port = /^hive2:\/\/[^/?#]*:(\d+)(?=[/?#]|$)/.exec(text)?.[1];
  return port === undefined ? null : Number(port);
}

function databaseOf(url: URL): string {
  const database = decode(url.pathname.slice(1), "database") || "default";
  if (!/^[A-Za-z0-9_]{1,128}$/.test(database)) {
    throw new SparkAddressError(
      `names the database ${JSON.stringify(database)}; letters, digits and _ make the name of one`,
    );
  }
  return database;
}

function decode(part: string, name: string): string {
  const text = unescape(part, name);
  // The login separates its parts with NUL.
  if (/\p{Cc}/u.test(text)) throw new SparkAddressError(`has a ${name} with a character that no login can hold`);
  return text;
}

function unescape(part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new SparkAddressError(`has a ${name} with a % that is no escape (write it as %25)`, { cause: error });
  }
}

function oneOf<T extends string>(parameters: URLSearchParams, name: string, values: readonly [T, ...T[]]): T {
  const given = parameters.get(name) ?? values[0];
  const found = values.find((value) => value === given);
  if (found === undefined) {
    throw new SparkAddressError(`has ${name}=${JSON.stringify(given)}; it may be ${values.join(" or ")}`);
  }
  return found;
}
