import { runBench } from "./compile.mjs";

await runBench("on-call");
