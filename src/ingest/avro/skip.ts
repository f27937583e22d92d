/** Moves over values that the feed does not have. */
import { CorruptError, type Cursor } from "./cursor";
import { itemCount } from "./item-count";
import type { AvroType } from "./schema";

export type Skip = (cursor: Cursor) => void;

/** A schema may refer to itself, so the functions of types that are being made are found again through `made`. */
export function skipper(type: AvroType, made = new Map<AvroType, Skip>()): Skip {
  const known = made.get(type);
  if (known) return known;
  let skip: Skip = () => undefined;
  made.set(type, (cursor) => skip(cursor));
  skip = compileSkip(type, made);
  return skip;
}

function compileSkip(type: AvroType, made: Map<AvroType, Skip>): Skip {
  switch (type.kind) {
    case "null":
      return () => undefined;
    case "boolean":
      return (cursor) => void cursor.advance(1);
    case "int":
    case "long":
    case "enum":
      return (cursor) => void cursor.long();
    case "float":
      return (cursor) => void cursor.advance(4);
    case "double":
      return (cursor) => void cursor.advance(8);
    case "bytes":
    case "string":
      return (cursor) => void cursor.lengthPrefixed();
    case "fixed":
      return (cursor) => void cursor.advance(type.size);
    case "array":
      return skipItems(skipper(type.items, made));
    case "map": {
      const value = skipper(type.values, made);
      return skipItems((cursor) => {
        cursor.lengthPrefixed();
        value(cursor);
      });
    }
    case "union": {
      const branches = type.branches.map((branch) => skipper(branch, made));
      return (cursor) => {
        const branch = branches[cursor.smallLong()];
        if (!branch) throw new CorruptError("a union names a branch that it does not have");
        branch(cursor);
      };
    }
    case "record": {
      const fields = type.fields.map((field) => skipper(field.type, made));
      return (cursor) => {
        for (const field of fields) field(cursor);
      };
    }
  }
}

function skipItems(item: Skip): Skip {
  return (cursor) => {
    for (let count = itemCount(cursor); count > 0; count = itemCount(cursor)) {
      for (; count > 0; count--) item(cursor);
    }
  };
}
