import { runBench } from "./compile.mjs";

await runBench("fold");
