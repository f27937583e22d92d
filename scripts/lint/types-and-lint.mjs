/**
 * Types and lint in one process. Most of what lint does is asking for types: from a program that has been checked it has the
 * answers, where a program of its own would check everything once more. What it says is what `npm run typecheck` and
 * `npm run lint` say. Ends with 1 when either has something to say.
 */
import { ESLint } from "eslint";
import ts from "typescript";
import { inRoot } from "../paths.mjs";

const TYPED = ["**/*.{ts,tsx}"];

async function main() {
  const program = createProgram(inRoot("tsconfig.json"));
  const problems = ts.getPreEmitDiagnostics(program);
  if (problems.length > 0) process.stdout.write(ts.formatDiagnosticsWithColorAndContext(problems, formatHost));
  const complaints = await lint(program);
  process.stdout.write(complaints);
  process.exitCode = problems.length > 0 || complaints !== "" ? 1 : 0;
}

const formatHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => inRoot("."),
  getNewLine: () => "\n",
};

/** @param {string} config the tsconfig.json */
function createProgram(config) {
  const host = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic(problem) {
      throw new Error(ts.formatDiagnostic(problem, formatHost));
    },
  };
  const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(config, {}, host);
  return ts.createProgram({ rootNames: fileNames, options, configFileParsingDiagnostics: errors });
}

/** Everything that is linted, with the types of this program. @returns errors and warnings as people read them, "" = none */
async function lint(program) {
  const languageOptions = { parserOptions: { projectService: false, programs: [program] } };
  const eslint = new ESLint({ cwd: inRoot("."), overrideConfig: [{ files: TYPED, languageOptions }] });
  const results = await eslint.lintFiles(["."]);
  const formatter = await eslint.loadFormatter("stylish");
  return formatter.format(results);
}

await main();
