/** A log that says nothing: tests look at what happens, not at what is written about it. */
import { pino, type Logger } from "pino";

export const silentLog: Logger = pino({ level: "silent" });
