/** Lint rules. Why each of ours exists stands beside it; formatting is prettier's alone. */
import js from "@eslint/js";
import { qwikEslint9Plugin } from "eslint-plugin-qwik";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";
import { doors } from "./scripts/lint/doors.mjs";
import { importDirections } from "./scripts/lint/import-directions.mjs";

const src = fileURLToPath(new URL("src", import.meta.url));
const weir = { rules: { "import-directions": importDirections(src, doors) } };

const noBarrels = {
  selector: "ExportAllDeclaration, ExportNamedDeclaration[source]",
  message: "No barrels: whoever needs a name imports it from the file that defines it.",
};
const noDefaultExports = {
  selector: "ExportDefaultDeclaration",
  message: "Named exports, so that a name is the same everywhere; a default only where Qwik City asks for one.",
};
const noFocusedTests = {
  selector: "MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|todo)$/]",
  message: "A focused or unwritten test hides others: finish it or remove it.",
};

export default defineConfig(
  globalIgnores(["node_modules", "dist", "server", "tmp", "coverage", ".weir", "tests/fixtures"]),
  js.configs.recommended,
  { files: ["**/*.{js,mjs,cjs}"], languageOptions: { globals: globals.node } },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.recommended, qwikEslint9Plugin.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      // `const { gone, ...rest }` is how a field is left out.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "no-restricted-syntax": ["error", noFocusedTests],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { weir },
    rules: {
      "no-console": "error",
      "no-restricted-syntax": ["error", noBarrels, noDefaultExports, noFocusedTests],
      "no-restricted-properties": [
        "error",
        {
          object: "process",
          property: "env",
          message: "Only src/config.ts reads the environment; take the value from the config.",
        },
      ],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/**/*.test.{ts,tsx}"],
    rules: { "weir/import-directions": "error" },
  },
  { files: ["src/config.ts"], rules: { "no-restricted-properties": "off" } },
  { files: ["src/cli/**"], rules: { "no-console": "off" } },
  {
    files: ["src/routes/**", "src/root.tsx", "src/entry.*.tsx", "src/control/db/drizzle.config.ts"],
    rules: { "no-restricted-syntax": ["error", noBarrels, noFocusedTests] },
  },
);
