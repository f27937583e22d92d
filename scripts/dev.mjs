/** `npm run dev`: Vite's development server, which renders on the server too and reloads what changes. */
import { tools } from "./paths.mjs";
import { preparePackages } from "./prepare.mjs";
import { runNode } from "./processes.mjs";

await preparePackages();
const { code } = await runNode([tools.vite, "--mode", "ssr", ...process.argv.slice(2)]);
process.exitCode = code;
