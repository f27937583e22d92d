/**
 * `node embedded-init.mjs FOLDER`: makes the folder of an embedded Postgres (PGlite) and ends. A process of its own, because
 * making it takes several times the memory that is needed later, and only a process that ends gives it back. It ends with the
 * server that started it, whose end closes its standard input.
 */
import { PGlite } from "@electric-sql/pglite";

process.stdin.once("end", () => process.exit(1)).resume();
const made = await PGlite.create(process.argv[2]);
await made.close();
process.exit(0);
