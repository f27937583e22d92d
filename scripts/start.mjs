/** `npm start`: the server, data under `.weir`. Installs and builds what is missing. */
process.argv.splice(2, 0, "serve");
await import("./weir.mjs");
