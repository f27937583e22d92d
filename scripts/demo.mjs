/**
 * `npm run demo`: the server, with everything embedded and its data under `.weir/demo`, and publishers whose pipelines do real
 * work on real files. Installs and builds what is missing; `npm run demo -- --help` tells the rest.
 */
import { parseArgs } from "node:util";
import { prepare } from "./prepare.mjs";

const HELP = `npm run demo -- [--spark] [--pubsub] [--rate N] [--data-dir DIR] [--help]

Starts a Weir server and four pipelines that work on the files under node_modules and publish what they do.

  --spark         the tables belong to a Spark Thrift Server, which the demo starts (Java 17; Maven for the first start)
  --pubsub        events travel through a Pub/Sub server, which the demo starts (Go for the first start)
  --rate N        about N events per second (default 4); hundreds make a load test of it
  --data-dir DIR  where the server keeps its data (default .weir/demo; delete it to begin anew);
                  what the pipelines write lies beside it, in DIR-work
  --help          this text

WEIR_PORT and the other settings of the server work here too.`;

function parse(args) {
  const { values } = parseArgs({
    args,
    options: {
      rate: { type: "string", default: "4" },
      "data-dir": { type: "string" },
      spark: { type: "boolean", default: false },
      pubsub: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const rate = Number(values.rate);
  if (!(rate > 0 && rate <= 100_000))
    throw new Error(`--rate wants events per second, a number above 0 and up to 100000, not "${values.rate}".`);
  const { spark, pubsub, help } = values;
  return { rate, dataDir: values["data-dir"] ?? null, spark, pubsub, help };
}

async function main(args) {
  let options;
  try {
    options = parse(args);
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  await prepare();
  // Only now: it needs packages that `prepare` may have to install first.
  const { runDemo } = await import("./demo/demo.mjs");
  return runDemo(options);
}

process.exitCode = await main(process.argv.slice(2));
