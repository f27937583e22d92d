/** `npm run build`: the production build, if it is not current. */
import { prepare } from "./prepare.mjs";

await prepare();
