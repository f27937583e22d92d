/** Imported first by every entry point: an old Node would fail later with a sentence that helps nobody. */
const NEEDED = [20, 19];

const [major, minor] = process.versions.node.split(".").map(Number);

if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  console.error(
    `Weir needs Node.js ${NEEDED.join(".")} or newer; this is ${process.versions.node}. Install a newer one from https://nodejs.org/ and run the command again.`,
  );
  process.exit(1);
}
