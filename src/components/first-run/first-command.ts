/** A curl line that sends one valid event to any feed, made from its schema. Pure. */
import type { Feed, Field, FieldType } from "~/model/feed";
import type { WireValue } from "~/model/value";

/** Fields of pipeline events get words that look like the real thing; other feeds get their own field names. */
const EXAMPLES: Readonly<Record<string, string>> = {
  pipelineName: "orders",
  stageName: "load",
  correlationId: "batch-1",
};

/**
 * @param origin `http://127.0.0.1:3000`
 * @param now epoch ms, for the times of the event
 */
export function firstCommand(feed: Feed, origin: string, now: number): string {
  const event: Record<string, WireValue> = {};
  feed.fields.forEach((field, i) => {
    if (field.nullable || (field.default !== undefined && i !== feed.eventTime)) return;
    event[field.name] = i === feed.key ? "my-first-event" : exampleOf(field, now);
  });
  const body = JSON.stringify(event).replaceAll("'", "\\u0027");
  return `curl -X POST ${origin}/api/v1/feeds/${feed.name}/events \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`;
}

const exampleOf = ({ name, type }: Field, now: number): WireValue => EXAMPLES[name] ?? sampleOf(type, name, now);

function sampleOf(type: FieldType, name: string, now: number): WireValue {
  switch (type.kind) {
    case "string":
      return name;
    case "enum":
      return type.symbols.find((symbol) => /complete|success|ok|done/i.test(symbol)) ?? type.symbols[0]!;
    case "boolean":
      return true;
    case "timestamp":
      return type.unit === "millis" ? now : now * 1000;
    case "date":
      return Math.floor(now / 86_400_000);
    case "decimal":
      return (1).toFixed(type.scale);
    case "bytes":
      return "";
    case "array":
      return [];
    case "map":
      return {};
    case "record":
      return Object.fromEntries(type.fields.map((field) => [field.name, sampleOf(field.type, field.name, now)]));
    default:
      return 1;
  }
}
