/** A Dockerfile as data: its stages and their instructions, of the few kinds that ours uses. */

/**
 * @typedef {{ word: string, rest: string, line: number }} Instruction
 * @typedef {{ name: string, instructions: Instruction[] }} Stage
 */

/** @param {string} text @returns {Stage[]} */
export function parseDockerfile(text) {
  const stages = [];
  for (const instruction of instructionsOf(text)) {
    if (instruction.word === "FROM")
      stages.push({ name: / AS (\S+)/i.exec(instruction.rest)?.[1] ?? "", instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

function instructionsOf(text) {
  return text
    .split("\n")
    .map((content, i) => ({ content: content.trim(), line: i + 1 }))
    .filter(({ content }) => content !== "" && !content.startsWith("#"))
    .map(({ content, line }) => {
      const [, word, rest] = /^(\S+)\s+(.*)$/.exec(content);
      return { word: word.toUpperCase(), rest, line };
    });
}

/** `--from=x --chown=y a b target` @param {string} rest */
export function parseCopy(rest) {
  const words = rest.split(/\s+/);
  const flag = (name) => words.find((it) => it.startsWith(`--${name}=`))?.slice(name.length + 3) ?? null;
  const places = words.filter((it) => !it.startsWith("--"));
  return { from: flag("from"), sources: places.slice(0, -1), target: places.at(-1) };
}

/** What is let through by a .dockerignore that begins with `*`. @param {string} text @returns {Set<string>} */
export const allowedByIgnoreFile = (text) =>
  new Set(
    text
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1).trim()),
  );
