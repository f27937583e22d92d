/**
 * Lint rule: who may import whom (docs/architecture.md, "Dependency direction"). It resolves what is imported to its place under
 * `src`, so that `../live/hub` and `~/live/hub` are the same thing and `components/live` is not taken for `live`.
 */
import path from "node:path";

/**
 * @typedef {object} Door
 * @property {string} from folder or file under src; the longest that fits decides
 * @property {readonly string[]} to folders or files under src that it may import
 * @property {readonly string[]} [types] what it may import types from
 * @property {string} door what to do instead, a sentence
 */

/** @param {string} srcFolder absolute @param {readonly Door[]} doors */
export const importDirections = (srcFolder, doors) => ({
  meta: {
    type: "problem",
    docs: { description: "imports follow the dependency direction of the folders" },
    messages: { direction: "{{from}} must not import {{to}}{{kind}}. {{door}}" },
    schema: [],
  },
  create(context) {
    const importer = toPlace(srcFolder, context.filename);
    const rule = importer === null ? null : ruleFor(doors, importer);
    if (rule === null) return {};

    const check = (source, typeOnly) => {
      if (typeof source?.value !== "string") return;
      const target = resolve(srcFolder, context.filename, source.value);
      if (target === null || isWithin(target, rule.from)) return;
      const asType = (rule.types ?? []).some((place) => isWithin(target, place));
      if (rule.to.some((place) => isWithin(target, place)) || (typeOnly && asType)) return;
      const kind = asType ? " as a value, only its types" : "";
      context.report({
        node: source,
        messageId: "direction",
        data: { from: rule.from, to: target, kind, door: rule.door },
      });
    };

    return {
      ImportDeclaration: (node) => check(node.source, isTypeOnly(node)),
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === "type"),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === "type"),
      ImportExpression: (node) => check(node.source, false),
      TSImportType: (node) => check(node.source ?? node.argument?.literal, true),
    };
  },
});

const isTypeOnly = (node) =>
  node.importKind === "type" || (node.specifiers.length > 0 && node.specifiers.every((it) => it.importKind === "type"));

function resolve(srcFolder, filename, specifier) {
  if (specifier.startsWith("~/")) return withoutExtension(specifier.slice(2));
  if (specifier.startsWith(".")) return toPlace(srcFolder, path.resolve(path.dirname(filename), specifier));
  return null;
}

/** Path under src with slashes and without extension, or null when it lies elsewhere. */
function toPlace(srcFolder, file) {
  const relative = path.relative(srcFolder, file);
  if (relative.startsWith("..") || path.isAbsolute(relative)) return null;
  return withoutExtension(relative.split(path.sep).join("/"));
}

const withoutExtension = (file) => file.replace(/\.(tsx?|mjs|js)$/, "");

const isWithin = (place, folder) => place === folder || place.startsWith(`${folder}/`);

const ruleFor = (doors, place) =>
  doors.filter((it) => isWithin(place, it.from)).sort((a, b) => b.from.length - a.from.length)[0] ?? null;
