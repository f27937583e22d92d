/** `npm run check`: types, lint, format and unit tests, side by side; nothing is built and no server started. */
import { preparePackages } from "./prepare.mjs";
import { runSteps, sourceSteps, unitStep } from "./steps.mjs";

await preparePackages();
const { failed } = await runSteps([...sourceSteps, unitStep]);
process.exitCode = failed === 0 ? 0 : 1;
