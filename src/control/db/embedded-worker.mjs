/**
 * The thread of the embedded Postgres (PGlite): starting it takes a second of computing and every query some, which must hold
 * up neither pages nor streams. It speaks Postgres' wire protocol over the port of the thread, one connection at a time.
 * Plain JavaScript, because Node loads it as it lies here, from the sources and beside the built server alike.
 *
 * In: `{ connect: id }` a connection begins, the one before has ended · `{ id, bytes }` what its client sends · `{ close: true }`.
 * Out: `{ ready: true }` · `{ id, bytes }`. A fault ends the thread and is its error.
 */
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";

const database = await PGlite.create(workerData.folder ?? undefined, {
  // A cache of 128 MB, as unless told, is as large as everything that people decide in years.
  startParams: [...PGlite.defaultStartParams, "-c", "shared_buffers=16MB"],
  ...(workerData.dump && { loadDataDir: new Blob([workerData.dump]) }),
});

const TERMINATE = 0x58;

let current = 0;
let held = Buffer.alloc(0);
let turn = Promise.resolve();

parentPort.on("message", (message) => {
  // In the order in which they came; what fails ends the thread, for nobody knows what state it left.
  turn = turn.then(() => answer(message)).catch(fail);
});
parentPort.postMessage({ ready: true });

async function answer({ connect, id, bytes, close }) {
  if (connect) {
    // What the last connection left open goes with it, as on a server.
    current = connect;
    held = Buffer.alloc(0);
    await database.exec("ROLLBACK");
    await database.exec("DISCARD ALL");
  } else if (bytes) {
    // One that has ended may still say goodbye, or be cut in the middle of a word.
    if (id === current) await exchange(bytes);
  } else if (close) {
    await database.close();
    parentPort.close();
  }
}

/** Whole messages only: the protocol has no answer to half of one. */
async function exchange(bytes) {
  held = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes]);
  const end = endOfWhole(held);
  if (end === 0) return;
  const whole = held.subarray(0, end);
  held = held.subarray(end);
  if (whole[0] === TERMINATE) return; // it would end Postgres itself, which has no other session
  const reply = await database.execProtocolRaw(whole);
  if (reply.length > 0) parentPort.postMessage({ id: current, bytes: reply });
}

/** The first message of a connection has no type; its first byte, the length's highest, is 0. Others: type, length, body. */
function endOfWhole(buffer) {
  let end = 0;
  for (;;) {
    const lengthAt = buffer[end] === 0 ? end : end + 1;
    if (lengthAt + 4 > buffer.length) return end;
    const next = lengthAt + buffer.readUInt32BE(lengthAt);
    if (next > buffer.length) return end;
    end = next;
  }
}

function fail(error) {
  setImmediate(() => {
    throw error;
  });
}
